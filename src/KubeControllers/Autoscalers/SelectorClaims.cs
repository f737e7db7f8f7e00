using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;
using Sealos.Objects.Selectors;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>Which pods each autoscaler speaks for; no pod may have two. Filed so that only those in question are looked at.</summary>
internal sealed class SelectorClaims
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, (string Text, string File, LabelSelector Selector)> _claims = [];
    private readonly Dictionary<string, HashSet<ObjectKey>> _files = new(StringComparer.Ordinal);

    /// <summary>The pairs that a selector certainly demands.</summary>
    public static Dictionary<string, string> Pairs(LabelSelector selector) =>
        selector.Requirements.Where(r => r is { Operator: LabelOperator.In, Values.Count: 1 }).DistinctBy(r => r.Key).ToDictionary(r => r.Key, r => r.Values[0]);

    public void Set(ObjectKey key, string text, LabelSelector selector)
    {
        lock (_lock)
        {
            if (_claims.TryGetValue(key, out var known) && known.Text == text)
            {
                return;
            }

            Drop(key);
            var file = LabelSelectors.SelectorKey(key.Namespace, Pairs(selector));
            _claims[key] = (text, file, selector);
            if (!_files.TryGetValue(file, out var keys))
            {
                _files[file] = keys = [];
            }

            keys.Add(key);
        }
    }

    public void Remove(ObjectKey key)
    {
        lock (_lock)
        {
            Drop(key);
        }
    }

    /// <summary>All autoscalers that speak for any of these pods.</summary>
    public IReadOnlyList<ObjectKey> Of(IEnumerable<Pod> pods)
    {
        var found = new HashSet<ObjectKey>();
        lock (_lock)
        {
            foreach (var pod in pods)
            {
                foreach (var key in LabelSelectors.LabelKeys(pod.Metadata.Namespace, pod.Metadata.Labels).SelectMany(f => _files.GetValueOrDefault(f) ?? []))
                {
                    if (!found.Contains(key) && _claims[key].Selector.Matches(pod.Metadata.Labels))
                    {
                        found.Add(key);
                    }
                }
            }
        }

        return [.. found.OrderBy(k => k.Name, StringComparer.Ordinal)];
    }

    private void Drop(ObjectKey key)
    {
        if (_claims.Remove(key, out var known) && _files.TryGetValue(known.File, out var keys) && keys.Remove(key) && keys.Count == 0)
        {
            _files.Remove(known.File);
        }
    }
}
