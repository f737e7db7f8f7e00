using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>One term of pod (anti-)affinity: which pods it speaks of, and over which label of nodes.</summary>
internal sealed record AffinityTerm(string TopologyKey, LabelSelector? Selector, IReadOnlySet<string> Namespaces, LabelSelector? NamespaceSelector, int Weight)
{
    public static IReadOnlyList<AffinityTerm> Read(Pod pod, List<PodAffinityTerm>? terms) => terms is null ? [] : terms.ConvertAll(t => Read(pod, t, 1));

    public static IReadOnlyList<AffinityTerm> Read(Pod pod, List<WeightedPodAffinityTerm>? terms, int sign) =>
        terms is null ? [] : terms.ConvertAll(t => Read(pod, t.PodAffinityTerm!, sign * (t.Weight ?? 0)));

    /// <summary>Whether the term speaks of a pod. <paramref name="namespaceLabels"/> gives a namespace's labels.</summary>
    public bool Matches(Pod other, Func<string, IReadOnlyDictionary<string, string>?> namespaceLabels)
    {
        var ns = other.Metadata.Namespace ?? "";
        return (Namespaces.Contains(ns) || (NamespaceSelector is not null && LabelSelectors.Matches(NamespaceSelector, namespaceLabels(ns))))
            && LabelSelectors.Matches(Selector, other.Metadata.Labels);
    }

    private static AffinityTerm Read(Pod pod, PodAffinityTerm term, int weight)
    {
        var namespaces = term.Namespaces is { Count: > 0 } named ? named.ToHashSet() : term.NamespaceSelector is null ? [pod.Metadata.Namespace ?? ""] : [];
        var selector = WithKeys(WithKeys(term.LabelSelector, pod, term.MatchLabelKeys, "In"), pod, term.MismatchLabelKeys, "NotIn");
        return new AffinityTerm(term.TopologyKey ?? "", selector, namespaces, term.NamespaceSelector, weight);
    }

    /// <summary>A selector narrowed to pods that share, or do not share, this pod's values of some labels.</summary>
    public static LabelSelector? WithKeys(LabelSelector? selector, Pod pod, List<string>? keys, string comparison)
    {
        var own = (keys ?? []).Where(k => pod.Metadata.Labels?.ContainsKey(k) == true)
            .Select(k => new LabelSelectorRequirement { Key = k, Operator = comparison, Values = [pod.Metadata.Labels![k]] }).ToList();
        return selector is null || own.Count == 0
            ? selector
            : new LabelSelector { MatchLabels = selector.MatchLabels, MatchExpressions = [.. selector.MatchExpressions ?? [], .. own] };
    }
}
