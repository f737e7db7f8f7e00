using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Selectors;

/// <summary>A set of requirements that all must hold; the empty set matches everything.</summary>
public sealed class LabelSelector
{
    private readonly bool _matchesNothing;

    private LabelSelector(IReadOnlyList<LabelRequirement> requirements, bool matchesNothing = false)
    {
        Requirements = requirements;
        _matchesNothing = matchesNothing;
    }

    /// <summary>Matches every object.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>Matches no object: what an absent selector object means.</summary>
    public static LabelSelector Nothing { get; } = new([], matchesNothing: true);

    /// <summary>The requirements, by key.</summary>
    public IReadOnlyList<LabelRequirement> Requirements { get; }

    /// <summary>Whether nothing is left out.</summary>
    public bool IsEverything => !_matchesNothing && Requirements.Count == 0;

    /// <summary>Reads the text of a query: <c>a=b,c!=d,e in (f,g),!h,i&gt;5</c>.</summary>
    /// <exception cref="SelectorException">The text is malformed; the message names the requirement.</exception>
    public static LabelSelector Parse(string? text) =>
        string.IsNullOrWhiteSpace(text) ? Everything : new LabelSelector(Sort(new LabelSelectorParser(text).ReadAll()));

    /// <summary>Reads a selector object with matchLabels and matchExpressions; null matches nothing.</summary>
    /// <exception cref="SelectorException">A requirement is malformed.</exception>
    public static LabelSelector FromObject(JsonObject? labelSelector)
    {
        if (labelSelector is null)
        {
            return Nothing;
        }

        var requirements = (labelSelector.TextMap("matchLabels") ?? new Dictionary<string, string>())
            .Select(p => LabelRequirement.Create(p.Key, LabelOperator.In, [p.Value]))
            .Concat(labelSelector.Objects("matchExpressions").Select(FromExpression));
        return new LabelSelector(Sort(requirements));
    }

    /// <summary>Reads a plain map of labels, as Services and ReplicationControllers have; empty matches everything.</summary>
    public static LabelSelector FromMap(IReadOnlyDictionary<string, string>? labels) =>
        new(Sort((labels ?? new Dictionary<string, string>()).Select(p => new LabelRequirement(p.Key, LabelOperator.In, [p.Value]))));

    /// <summary>Whether an object with these labels is selected.</summary>
    public bool Matches(JsonObject? labels) => MatchesAll(key => labels.Text(key));

    /// <summary>Whether an object with these labels is selected.</summary>
    public bool Matches(IReadOnlyDictionary<string, string>? labels) => MatchesAll(key => labels?.GetValueOrDefault(key));

    /// <summary>The query text, requirements by key.</summary>
    public override string ToString() => string.Join(',', Requirements);

    private bool MatchesAll(Func<string, string?> valueOf)
    {
        if (_matchesNothing)
        {
            return false;
        }

        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(valueOf(requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    private static LabelRequirement FromExpression(JsonObject expression)
    {
        var text = expression.Text("operator") ?? "";
        var op = text switch
        {
            "In" => LabelOperator.In,
            "NotIn" => LabelOperator.NotIn,
            "Exists" => LabelOperator.Exists,
            "DoesNotExist" => LabelOperator.DoesNotExist,
            _ => throw new SelectorException($"\"{text}\" is not a valid label selector operator"),
        };
        return LabelRequirement.Create(expression.Text("key") ?? "", op, [.. expression.Texts("values")]);
    }

    private static List<LabelRequirement> Sort(IEnumerable<LabelRequirement> requirements) =>
        [.. requirements.OrderBy(r => r.Key, StringComparer.Ordinal)];
}
