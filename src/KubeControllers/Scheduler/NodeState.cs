using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>A node and the pods on it, with their sums. The node itself may not be known (yet).</summary>
internal sealed class NodeState(string name)
{
    private readonly Dictionary<string, PlacedPod> _pods = new(StringComparer.Ordinal);

    public string Name => name;

    public Node? Node { get; private set; }

    public Resources Allocatable { get; private set; } = new();

    public Resources Requested { get; } = new();

    public Resources ScoringRequested { get; } = new();

    public IReadOnlyCollection<PlacedPod> Pods => _pods.Values;

    public bool IsEmpty => Node is null && _pods.Count == 0;

    public string? Label(string key) => Node?.Metadata.Labels?.GetValueOrDefault(key);

    public void SetNode(Node? node)
    {
        Node = node;
        Allocatable = new Resources(node?.Status?.Allocatable);
    }

    public void Add(PlacedPod pod)
    {
        Remove(pod.Uid);
        _pods.Add(pod.Uid, pod);
        Requested.Add(pod.Request);
        ScoringRequested.Add(pod.ScoringRequest);
    }

    public PlacedPod? Find(string uid) => _pods.GetValueOrDefault(uid);

    public void Refresh(Pod pod)
    {
        if (_pods.TryGetValue(pod.Metadata.Uid ?? "", out var placed))
        {
            placed.Pod = pod;
        }
    }

    public bool Remove(string uid)
    {
        if (!_pods.Remove(uid, out var pod))
        {
            return false;
        }

        Requested.Subtract(pod.Request);
        ScoringRequested.Subtract(pod.ScoringRequest);
        return true;
    }
}
