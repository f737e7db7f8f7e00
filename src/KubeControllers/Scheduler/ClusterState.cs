using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>
/// Nodes and the pods placed on them, those included whose binding is still under way. Not safe for several threads: the
/// scheduler locks around it.
/// </summary>
internal sealed class ClusterState(Func<string, IReadOnlyDictionary<string, string>?> namespaceLabels)
{
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _nodeOfPod = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PlacedPod> _withTerms = new(StringComparer.Ordinal);

    public Func<string, IReadOnlyDictionary<string, string>?> NamespaceLabels => namespaceLabels;

    /// <summary>The nodes that exist, by name.</summary>
    public List<NodeState> Nodes { get; private set; } = [];

    /// <summary>Placed pods that have terms of (anti-)affinity themselves.</summary>
    public IEnumerable<(PlacedPod Pod, NodeState Node)> PodsWithTerms => _withTerms.Values.Select(p => (p, _nodes[_nodeOfPod[p.Uid]]));

    public void SetNode(string name, Node? node)
    {
        var state = StateOf(name);
        state.SetNode(node);
        Forget(state);
        Nodes = [.. _nodes.Values.Where(n => n.Node is not null).OrderBy(n => n.Name, StringComparer.Ordinal)];
    }

    public void Place(PlacedPod pod, string node)
    {
        Remove(pod.Uid);
        StateOf(node).Add(pod);
        _nodeOfPod[pod.Uid] = node;
        if (pod.HasTerms)
        {
            _withTerms[pod.Uid] = pod;
        }
    }

    /// <summary>Takes a pod away; false when it was not there.</summary>
    public bool Remove(string uid)
    {
        if (!_nodeOfPod.Remove(uid, out var name))
        {
            return false;
        }

        _withTerms.Remove(uid);
        var state = _nodes[name];
        state.Remove(uid);
        Forget(state);
        return true;
    }

    public string? NodeOf(string uid) => _nodeOfPod.GetValueOrDefault(uid);

    private NodeState StateOf(string name)
    {
        if (!_nodes.TryGetValue(name, out var state))
        {
            _nodes[name] = state = new NodeState(name);
        }

        return state;
    }

    private void Forget(NodeState state)
    {
        if (state.IsEmpty)
        {
            _nodes.Remove(state.Name);
        }
    }
}
