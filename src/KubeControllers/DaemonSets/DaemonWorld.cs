using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.DaemonSets;

/// <summary>A DaemonSet, the nodes it looks at and its pods there, as decisions are made from them.</summary>
/// <param name="Set">The set.</param>
/// <param name="Nodes">Every node, and whether the set's pods belong there.</param>
/// <param name="Pods">The pods of each node, oldest first; those that are bound before those that wait.</param>
/// <param name="Hash">The hash of the set's template as it is now.</param>
/// <param name="Now">The time.</param>
internal sealed record DaemonWorld(DaemonSet Set, IReadOnlyList<(string Name, DaemonFit Fit)> Nodes, IReadOnlyDictionary<string, List<Pod>> Pods, string Hash, DateTimeOffset Now)
{
    /// <summary>Whether a pod is being deleted, or its deletion was asked for.</summary>
    public Func<Pod, bool> IsLeaving { get; init; } = pod => pod.Metadata.DeletionTimestamp is not null;

    public int Desired => Nodes.Count(n => n.Fit.ShouldRun);

    private RollingUpdateDaemonSet? Rolling => Set.Spec!.UpdateStrategy is { Type: null or "RollingUpdate" } strategy ? strategy.RollingUpdate : null;

    public bool AllowsSurge => Surge(1) > 0;

    public int Surge(int of) => Rolling?.MaxSurge?.Scale(of, roundUp: true) ?? 0;

    /// <summary>How many nodes may be without a daemon during an update; one at least, when none may surge.</summary>
    public int MaxUnavailable(int of) => Rolling is { } rolling ? Math.Max(AllowsSurge ? 0 : 1, (rolling.MaxUnavailable ?? 1).Scale(of, roundUp: true)) : 0;

    /// <summary>The pods of all nodes sorted by node; those that have ended and are going are nobody's business any more.</summary>
    public static Dictionary<string, List<Pod>> ByNode(IEnumerable<Pod> pods) =>
        pods.Where(p => !(PodState.IsTerminal(p) && p.Metadata.DeletionTimestamp is not null))
            .Select(p => (Node: DaemonPods.NodeOf(p), Pod: p)).Where(p => p.Node is not null)
            .GroupBy(p => p.Node!, p => p.Pod, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => Sort(g), StringComparer.Ordinal);

    public bool IsUpdated(Pod pod) => DaemonPods.IsUpdated(Set, pod, Hash);

    public bool IsAvailable(Pod pod) => PodState.IsAvailable(pod, Set.Spec!.MinReadySeconds ?? 0, Now);

    public List<Pod> On(string node) => Pods.GetValueOrDefault(node) ?? [];

    private static List<Pod> Sort(IEnumerable<Pod> pods) =>
        [.. pods.OrderBy(p => PodState.NodeName(p) is null).ThenBy(p => p.Metadata.CreationTimestamp).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal)];
}

/// <summary>What is to be done: nodes that get a pod, and pods that go.</summary>
internal sealed class DaemonPlan
{
    public List<string> Create { get; } = [];

    public List<Pod> Delete { get; } = [];

    /// <summary>Pods that have failed, with their nodes; they go too, unless that has happened too often lately.</summary>
    public List<(string Node, Pod Pod)> Failed { get; } = [];

    /// <summary>Pods that have ended well, which no daemon should.</summary>
    public List<(string Node, Pod Pod)> Succeeded { get; } = [];
}
