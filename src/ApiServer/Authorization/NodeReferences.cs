using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Authorization;

/// <summary>
/// Which objects the pods of each node refer to, kept level with the pods as they are written. A pod is looked into once, when
/// it gets its node: what it refers to does not change after that, but for ephemeral containers.
/// </summary>
internal sealed class NodeReferences
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Namespace, string Name), BoundPod> _pods = [];
    private readonly Dictionary<string, Dictionary<ObjectKey, int>> _byNode = new(StringComparer.Ordinal);
    private readonly KindCache _podCache;
    private readonly KindCache? _volumes;
    private readonly int _nodeField;

    /// <summary>Follows the pods; <paramref name="volumes"/> are persistent volumes, where they are served.</summary>
    public NodeReferences(KindCache pods, KindCache? volumes)
    {
        _podCache = pods;
        _volumes = volumes;
        _nodeField = pods.Fields.IndexOf("spec.nodeName");
        pods.Changed += Follow;
    }

    /// <summary>Whether a pod of the node is this object or refers to it.</summary>
    public bool IsRelated(string node, string plural, string @namespace, string name)
    {
        if (plural == "pods")
        {
            return NodeOf(@namespace, name) == node;
        }

        if (plural == "persistentvolumes")
        {
            var claim = _volumes?.Get("", name)?.Parse().Child("spec", "claimRef");
            return claim is not null && IsRelated(node, "persistentvolumeclaims", claim.Text("namespace") ?? "", claim.Text("name") ?? "");
        }

        lock (_gate)
        {
            return _byNode.TryGetValue(node, out var known) && known.ContainsKey(new ObjectKey(plural, @namespace, name));
        }
    }

    /// <summary>The node that a pod is bound to; null when there is no such pod.</summary>
    public string? NodeOf(string @namespace, string pod) => _podCache.Get(@namespace, pod)?.Fields[_nodeField];

    private void Follow(WatchEvent change)
    {
        var pod = change.Subject;
        var key = (pod.Namespace, pod.Name);
        var node = pod.Fields[_nodeField];
        lock (_gate)
        {
            var known = _pods.GetValueOrDefault(key);
            if (change.Type == WatchEventType.Deleted || node.Length == 0)
            {
                Forget(key, known);
            }
            else if (known is null || known.Uid != pod.Uid || known.Node != node || HasEphemeral(pod))
            {
                Forget(key, known);
                Remember(key, new BoundPod(pod.Uid, node, [.. PodReferences.Of(pod.Parse()).Select(r => new ObjectKey(r.Plural, pod.Namespace, r.Name)).Distinct()]));
            }
        }
    }

    private static bool HasEphemeral(CachedObject pod) => pod.Utf8.AsSpan().IndexOf("\"ephemeralContainers\""u8) >= 0;

    private void Remember((string, string) key, BoundPod pod)
    {
        _pods[key] = pod;
        if (!_byNode.TryGetValue(pod.Node, out var counts))
        {
            _byNode[pod.Node] = counts = [];
        }

        foreach (var reference in pod.References)
        {
            counts[reference] = counts.GetValueOrDefault(reference) + 1;
        }
    }

    private void Forget((string, string) key, BoundPod? pod)
    {
        if (pod is null)
        {
            return;
        }

        _pods.Remove(key);
        if (!_byNode.TryGetValue(pod.Node, out var counts))
        {
            // It referred to nothing, as a mirror, and outlived all on its node that did.
            return;
        }

        foreach (var reference in pod.References)
        {
            if (--counts[reference] == 0)
            {
                counts.Remove(reference);
            }
        }

        if (counts.Count == 0)
        {
            _byNode.Remove(pod.Node);
        }
    }

    private readonly record struct ObjectKey(string Plural, string Namespace, string Name);

    private sealed record BoundPod(string Uid, string Node, ObjectKey[] References);
}
