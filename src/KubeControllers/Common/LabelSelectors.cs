using Sealos.Kinds.Meta;

namespace Sealos.KubeControllers.Common;

/// <summary>Label selectors, and index keys that lead from labels to selectors and back without looking at every object.</summary>
internal static class LabelSelectors
{
    /// <summary>A missing selector matches nothing, an empty one everything.</summary>
    public static bool Matches(LabelSelector? selector, IReadOnlyDictionary<string, string>? labels) =>
        selector is not null && Matches(selector.MatchLabels, labels) && (selector.MatchExpressions ?? []).TrueForAll(e => Matches(e, labels));

    /// <summary>Whether every pair is among the labels.</summary>
    public static bool Matches(IReadOnlyDictionary<string, string>? pairs, IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var (key, value) in pairs ?? EmptyLabels)
        {
            if (labels is null || !labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The key under which an object with a selector is filed: one of its pairs, or all of the namespace.</summary>
    public static string SelectorKey(string? ns, IReadOnlyDictionary<string, string>? pairs)
    {
        if (pairs is null || pairs.Count == 0)
        {
            return AnyKey(ns);
        }

        var first = pairs.MinBy(p => p.Key, StringComparer.Ordinal);
        return PairKey(ns, first.Key, first.Value);
    }

    /// <summary>The keys under which selectors that may match these labels are filed.</summary>
    public static IEnumerable<string> LabelKeys(string? ns, IReadOnlyDictionary<string, string>? labels)
    {
        yield return AnyKey(ns);
        foreach (var (key, value) in labels ?? EmptyLabels)
        {
            yield return PairKey(ns, key, value);
        }
    }

    /// <summary>A selector as people write it.</summary>
    public static string Text(LabelSelector? selector) => string.Join(',', [
        .. (selector?.MatchLabels ?? []).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"),
        .. (selector?.MatchExpressions ?? []).Select(e => e.Operator switch
        {
            "Exists" => e.Key,
            "DoesNotExist" => "!" + e.Key,
            var other => $"{e.Key} {other?.ToLowerInvariant()} ({string.Join(',', e.Values ?? [])})",
        }),
    ]);

    private static IReadOnlyDictionary<string, string> EmptyLabels { get; } = new Dictionary<string, string>();

    private static string AnyKey(string? ns) => $"{ns}/*";

    private static string PairKey(string? ns, string key, string value) => $"{ns}/{key}={value}";

    private static bool Matches(LabelSelectorRequirement requirement, IReadOnlyDictionary<string, string>? labels)
    {
        string? value = null;
        var exists = labels is not null && labels.TryGetValue(requirement.Key ?? "", out value);
        return requirement.Operator switch
        {
            "In" => exists && requirement.Values?.Contains(value!) == true,
            "NotIn" => !exists || requirement.Values?.Contains(value!) != true,
            "Exists" => exists,
            "DoesNotExist" => !exists,
            var other => throw new FormatException($"matchExpressions: operator '{other}' is not In, NotIn, Exists or DoesNotExist"),
        };
    }
}
