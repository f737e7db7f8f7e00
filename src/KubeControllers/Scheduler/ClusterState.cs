using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.Volumes;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>
/// Nodes and the pods placed on them, those included whose binding is still under way. Not safe for several threads: the
/// scheduler locks around it.
/// </summary>
internal sealed class ClusterState(Func<string, IReadOnlyDictionary<string, string>?> namespaceLabels, VolumeLookup? storage = null)
{
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _nodeOfPod = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PlacedPod> _withTerms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (PlacedPod Pod, string Node)> _nominated = new(StringComparer.Ordinal);

    public Func<string, IReadOnlyDictionary<string, string>?> NamespaceLabels => namespaceLabels;

    /// <summary>The budgets that guard a pod.</summary>
    public Func<Pod, IEnumerable<PodDisruptionBudget>> BudgetsOf { get; init; } = _ => [];

    /// <summary>What selects all pods of a pod's kind, by its services and whoever made it; null where there is neither.</summary>
    public Func<Pod, LabelSelector?> KindOf { get; init; } = _ => null;

    /// <summary>Volumes and claims; null where pods have none.</summary>
    public VolumeLookup? Storage => storage;

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

    /// <summary>A placed pod, or null.</summary>
    public PlacedPod? Find(string uid) => _nodeOfPod.TryGetValue(uid, out var name) ? _nodes[name].Find(uid) : null;

    /// <summary>Takes note of a placed pod's new form, which asks for nothing else than before.</summary>
    public void Refresh(Pod pod)
    {
        if (_nodeOfPod.TryGetValue(pod.Metadata.Uid ?? "", out var name))
        {
            _nodes[name].Refresh(pod);
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

    /// <summary>Remembers that room is being made for a pod on a node; null forgets it.</summary>
    public void Nominate(PlacedPod pod, string? node)
    {
        if (node is null)
        {
            _nominated.Remove(pod.Uid);
        }
        else
        {
            _nominated[pod.Uid] = (pod, node);
        }
    }

    public void Forget(string uid) => _nominated.Remove(uid);

    public string? NominatedNode(string uid) => _nominated.TryGetValue(uid, out var nominated) ? nominated.Node : null;

    /// <summary>
    /// Places those for whom room is being made and who come before <paramref name="pod"/>, until disposed of: what was cleared
    /// for them must not be taken by others.
    /// </summary>
    public IDisposable Reserve(PlacedPod pod)
    {
        var reserved = _nominated.Values.Where(n => n.Pod.Uid != pod.Uid && n.Pod.Priority >= pod.Priority && !_nodeOfPod.ContainsKey(n.Pod.Uid)).ToList();
        reserved.ForEach(n => Place(n.Pod, n.Node));
        return new Reservation(this, reserved.ConvertAll(n => n.Pod.Uid));
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

    private sealed class Reservation(ClusterState cluster, List<string> uids) : IDisposable
    {
        public void Dispose() => uids.ForEach(uid => cluster.Remove(uid));
    }
}
