using Sealos.Kinds.Meta;

namespace Sealos.Network.Policies;

/// <summary>A label selector in a form that is compared, matched and filed quickly.</summary>
internal sealed class LabelTerms
{
    private readonly KeyValuePair<string, string>[] _pairs;
    private readonly LabelSelectorRequirement[] _expressions;

    private LabelTerms(LabelSelector selector)
    {
        _pairs = [.. (selector.MatchLabels ?? []).OrderBy(p => p.Key, StringComparer.Ordinal)];
        _expressions = [.. selector.MatchExpressions ?? []];
        Text = string.Join(',', [.. _pairs.Select(p => $"{p.Key}={p.Value}"), .. _expressions.Select(Describe).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Equal selectors have equal texts.</summary>
    public string Text { get; }

    /// <summary>A pair that every match has, if there is one.</summary>
    public KeyValuePair<string, string>? Pair => _pairs.Length > 0 ? _pairs[0] : null;

    /// <summary>The selector's terms; an empty selector matches everything.</summary>
    public static LabelTerms Of(LabelSelector? selector) => new(selector ?? new LabelSelector());

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in _pairs)
        {
            if (!labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }

        return Array.TrueForAll(_expressions, e => Matches(e, labels));
    }

    // An operator that is not known matches nothing: what a policy does not clearly allow, it does not allow.
    private static bool Matches(LabelSelectorRequirement requirement, IReadOnlyDictionary<string, string> labels)
    {
        var exists = labels.TryGetValue(requirement.Key ?? "", out var value);
        return requirement.Operator switch
        {
            "In" => exists && requirement.Values?.Contains(value!) == true,
            "NotIn" => !exists || requirement.Values?.Contains(value!) != true,
            "Exists" => exists,
            "DoesNotExist" => !exists,
            _ => false,
        };
    }

    private static string Describe(LabelSelectorRequirement e) => $"{e.Key} {e.Operator} ({string.Join(' ', (e.Values ?? []).Order(StringComparer.Ordinal))})";
}
