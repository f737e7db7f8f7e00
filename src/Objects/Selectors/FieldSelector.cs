using System.Text;

namespace Sealos.Objects.Selectors;

/// <summary>One condition on one field, compared as text.</summary>
public sealed record FieldRequirement(string Field, string Value, bool IsNegated)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Field}{(IsNegated ? "!=" : "=")}{Value}";
}

/// <summary>A field selector: requirements that all must hold. Which fields a kind supports is the caller's to check.</summary>
public sealed class FieldSelector
{
    private FieldSelector(IReadOnlyList<FieldRequirement> requirements) => Requirements = requirements;

    /// <summary>Matches every object.</summary>
    public static FieldSelector Everything { get; } = new([]);

    /// <summary>The requirements in the order given.</summary>
    public IReadOnlyList<FieldRequirement> Requirements { get; }

    /// <summary>Whether nothing is left out.</summary>
    public bool IsEverything => Requirements.Count == 0;

    /// <summary>Reads <c>a.b=c,d!=e</c>; a backslash escapes <c>,</c>, <c>=</c> and itself in values.</summary>
    /// <exception cref="SelectorException">The text is malformed.</exception>
    public static FieldSelector Parse(string? text) =>
        string.IsNullOrEmpty(text) ? Everything : new FieldSelector([.. SplitTerms(text).Where(t => t.Length > 0).Select(t => ReadTerm(t, text))]);

    /// <summary>Whether an object is selected, given a way to read its fields; an absent field reads as empty.</summary>
    public bool Matches(Func<string, string?> valueOf) =>
        Requirements.All(r => string.Equals(valueOf(r.Field) ?? "", r.Value, StringComparison.Ordinal) != r.IsNegated);

    /// <summary>The value a field must equal, when the selector says so.</summary>
    public string? RequiredValue(string field) => Requirements.FirstOrDefault(r => r.Field == field && !r.IsNegated)?.Value;

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Requirements);

    private static IEnumerable<string> SplitTerms(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static FieldRequirement ReadTerm(string term, string whole)
    {
        for (var i = 0; i < term.Length; i++)
        {
            var rest = term.AsSpan(i);
            var length = rest.StartsWith("!=", StringComparison.Ordinal) || rest.StartsWith("==", StringComparison.Ordinal) ? 2 : rest[0] == '=' ? 1 : 0;
            if (length > 0)
            {
                return new FieldRequirement(term[..i], Unescape(term[(i + length)..]), term[i] == '!');
            }
        }

        throw new SelectorException($"invalid selector: '{whole}'; can't understand '{term}'");
    }

    private static string Unescape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is ',' or '=')
            {
                throw new SelectorException($"invalid field selector: unescaped character in value: {value[i]}");
            }

            if (value[i] == '\\')
            {
                i++;
                if (i >= value.Length || value[i] is not (',' or '=' or '\\'))
                {
                    throw new SelectorException($"invalid field selector: invalid escape sequence: \\{(i < value.Length ? value[i].ToString() : "")}");
                }
            }

            text.Append(value[i]);
        }

        return text.ToString();
    }
}
