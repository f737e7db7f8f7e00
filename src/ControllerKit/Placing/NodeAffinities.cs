using System.Globalization;
using Sealos.Kinds.Core;

namespace Sealos.ControllerKit.Placing;

/// <summary>Node selectors and node affinity.</summary>
public static class NodeAffinities
{
    /// <summary>Whether the pod's nodeSelector and required node affinity allow the node.</summary>
    public static bool Allows(PodSpec spec, Node node)
    {
        if (!(spec.NodeSelector ?? []).All(wanted => node.Metadata.Labels is { } labels && labels.TryGetValue(wanted.Key, out var value) && value == (wanted.Value ?? "")))
        {
            return false;
        }

        var required = spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        return required is null || Matches(required, node);
    }

    /// <summary>Whether a node meets one of a selector's terms.</summary>
    public static bool Matches(NodeSelector selector, Node node) => (selector.NodeSelectorTerms ?? []).Exists(t => Matches(t, node));

    /// <summary>The weights of the preferred terms that the node meets.</summary>
    public static int Preference(PodSpec spec, Node node) =>
        (spec.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Where(t => IsEmpty(t.Preference) || Matches(t.Preference!, node)).Sum(t => t.Weight ?? 0);

    // A required term without requirements matches no node; a preferred one matches all.
    private static bool Matches(NodeSelectorTerm term, Node node) =>
        !IsEmpty(term)
        && (term.MatchExpressions ?? []).TrueForAll(r => Matches(r, node.Metadata.Labels?.GetValueOrDefault(r.Key ?? "")))
        && (term.MatchFields ?? []).TrueForAll(r => r.Key == "metadata.name" && Matches(r, node.Metadata.Name));

    private static bool IsEmpty(NodeSelectorTerm? term) => term is null || ((term.MatchExpressions?.Count ?? 0) == 0 && (term.MatchFields?.Count ?? 0) == 0);

    private static bool Matches(NodeSelectorRequirement requirement, string? value) => requirement.Operator switch
    {
        "In" => value is not null && requirement.Values?.Contains(value) == true,
        "NotIn" => value is null || requirement.Values?.Contains(value) != true,
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compare(requirement, value) > 0,
        "Lt" => Compare(requirement, value) < 0,
        _ => false,
    };

    private static int? Compare(NodeSelectorRequirement requirement, string? value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var actual) && requirement.Values is [var bound]
        && long.TryParse(bound, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) ? actual.CompareTo(limit) : null;
}
