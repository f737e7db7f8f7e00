using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Ownership;

/// <summary>What one step of a field path names; the order is the one in which steps are written.</summary>
public enum PathElementKind
{
    /// <summary>A field of an object or an entry of a map (<c>f:</c>).</summary>
    Field,

    /// <summary>The item of a list whose key fields have these values (<c>k:</c>).</summary>
    Key,

    /// <summary>The item of a set that equals this value (<c>v:</c>).</summary>
    Value,

    /// <summary>The item at this place (<c>i:</c>).</summary>
    Index,
}

/// <summary>One step of a field path. <see cref="Text"/> is the name, or compact JSON with sorted names, so that equal steps have equal texts.</summary>
public readonly record struct PathElement(PathElementKind Kind, string Text) : IComparable<PathElement>
{
    /// <summary>A step to a field.</summary>
    public static PathElement Field(string name) => new(PathElementKind.Field, name);

    /// <summary>Reads the written form; null when it is of a kind that is not known, which is to be skipped.</summary>
    /// <exception cref="FormatException">The text is no path element.</exception>
    public static PathElement? Parse(string text)
    {
        if (text.Length < 2 || text[1] != ':')
        {
            throw new FormatException($"missing colon: {text}");
        }

        var rest = text[2..];
        return text[0] switch
        {
            'f' => new PathElement(PathElementKind.Field, rest),
            'k' => new PathElement(PathElementKind.Key, Canonical(rest)),
            'v' => new PathElement(PathElementKind.Value, Canonical(rest)),
            'i' => int.TryParse(rest, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) ? Index(index) : throw new FormatException($"not an index: {rest}"),
            _ => null,
        };
    }

    /// <summary>The step to a list's item with these key fields, which need not be sorted.</summary>
    public static PathElement Key(IEnumerable<KeyValuePair<string, JsonNode?>> fields)
    {
        var text = new StringBuilder("{");
        foreach (var (name, value) in fields.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length > 1 ? "," : "").Append(JsonOf(JsonValue.Create(name))).Append(':').Append(JsonOf(value));
        }

        return new PathElement(PathElementKind.Key, text.Append('}').ToString());
    }

    /// <summary>The step to a set's item.</summary>
    public static PathElement Value(JsonNode? value) => new(PathElementKind.Value, JsonOf(value));

    /// <summary>The step to the item at a place.</summary>
    public static PathElement Index(int index) => new(PathElementKind.Index, index.ToString(CultureInfo.InvariantCulture));

    /// <summary>The form in which field sets are written.</summary>
    public string Serialize() => Prefix + Text;

    /// <summary>The letter and colon before the text.</summary>
    internal string Prefix => Kind switch { PathElementKind.Field => "f:", PathElementKind.Key => "k:", PathElementKind.Value => "v:", _ => "i:" };

    /// <inheritdoc/>
    public int CompareTo(PathElement other)
    {
        if (Kind != other.Kind)
        {
            return Kind.CompareTo(other.Kind);
        }

        return Kind == PathElementKind.Field ? string.CompareOrdinal(Text, other.Text) : CompareJson(Text, other.Text);
    }

    /// <summary>The form that messages show: <c>.name</c>, <c>[name="a"]</c>, <c>[="a"]</c>, <c>[0]</c>.</summary>
    public override string ToString() => Kind switch
    {
        PathElementKind.Field => "." + Text,
        PathElementKind.Key => $"[{string.Join(",", Fields().Select(f => $"{f.Key}={JsonOf(f.Value)}"))}]",
        PathElementKind.Value => $"[={Text}]",
        _ => $"[{Text}]",
    };

    private JsonObject Fields() => (JsonObject)JsonText.ParseNode(Encoding.UTF8.GetBytes(Text))!;

    private static string Canonical(string json)
    {
        try
        {
            return JsonText.ParseNode(Encoding.UTF8.GetBytes(json)) is var node && node is JsonObject fields ? Key(fields).Text : JsonOf(node);
        }
        catch (DecodeException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static string JsonOf(JsonNode? value)
    {
        if (value.AsText() is { } text)
        {
            return text.AsSpan().ContainsAnyExceptInRange(' ', '~') || text.AsSpan().ContainsAny('"', '\\')
                ? Encoding.UTF8.GetString(JsonText.Write(value))
                : $"\"{text}\"";
        }

        return value is null ? "null" : Encoding.UTF8.GetString(JsonText.Write(value));
    }

    /// <summary>Numbers by their size, everything else as it is written; a shorter string comes first.</summary>
    private static int CompareJson(string left, string right)
    {
        var at = left.AsSpan().CommonPrefixLength(right);
        if (at == left.Length || at == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (a, b) = (NumberAround(left, at), NumberAround(right, at));
        if (a is { } x && b is { } y && x != y)
        {
            return x.CompareTo(y);
        }

        return left[at] == '"' || right[at] == '"' ? (left[at] == '"' ? -1 : 1) : left[at].CompareTo(right[at]);
    }

    /// <summary>The number at a place in JSON text that is not within a string.</summary>
    private static double? NumberAround(string json, int at)
    {
        var start = at;
        while (start > 0 && IsNumeric(json[start - 1]))
        {
            start--;
        }

        if (start > 0 && json[start - 1] is not (':' or ',' or '['))
        {
            return null;
        }

        var end = at;
        while (end < json.Length && IsNumeric(json[end]))
        {
            end++;
        }

        return double.TryParse(json.AsSpan(start, end - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static bool IsNumeric(char c) => char.IsAsciiDigit(c) || c is '-' or '+' or '.' or 'e' or 'E';
}
