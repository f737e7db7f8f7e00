using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Nodes;

/// <summary>The taints that follow from a node's conditions; others on the node are left alone.</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string Unschedulable = "node.kubernetes.io/unschedulable";
    private const string NoSchedule = "NoSchedule";
    private const string NoExecute = "NoExecute";

    private static readonly (string Condition, string Key)[] Pressures =
    [
        ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "node.kubernetes.io/pid-pressure"),
        ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
    ];

    /// <summary>
    /// The taints the node should have, or null when it has them. <paramref name="mayEvict"/> is false while no node is ready:
    /// then the fault is rather here than there, and pods that may well run are not driven away with nowhere to go.
    /// </summary>
    public static List<Taint>? Wanted(Node node, bool mayEvict, DateTimeOffset now)
    {
        var known = node.Spec?.Taints ?? [];
        var wanted = FromConditions(node, mayEvict);
        List<Taint> taints = [.. known.Where(t => !IsOurs(t) || wanted.Exists(w => AreSame(w, t)))];
        var added = wanted.FindAll(w => !known.Exists(t => AreSame(w, t)));
        added.ForEach(t => t.TimeAdded = now);
        taints.AddRange(added);
        return added.Count == 0 && taints.Count == known.Count ? null : taints;
    }

    private static List<Taint> FromConditions(Node node, bool mayEvict)
    {
        var taints = new List<Taint>();
        var key = NodeHealth.Readiness(node) switch
        {
            "True" => null,
            "False" => NotReady,
            _ => Unreachable,
        };
        if (key is not null)
        {
            taints.Add(new Taint { Key = key, Effect = NoSchedule });
            if (mayEvict)
            {
                taints.Add(new Taint { Key = key, Effect = NoExecute });
            }
        }

        taints.AddRange(Pressures.Where(p => NodeHealth.Condition(node, p.Condition)?.Status == "True").Select(p => new Taint { Key = p.Key, Effect = NoSchedule }));
        if (node.Spec?.Unschedulable == true)
        {
            taints.Add(new Taint { Key = Unschedulable, Effect = NoSchedule });
        }

        return taints;
    }

    private static bool IsOurs(Taint taint) =>
        (taint.Key is NotReady or Unreachable && taint.Effect is NoSchedule or NoExecute)
        || (taint.Effect == NoSchedule && (taint.Key == Unschedulable || Array.Exists(Pressures, p => p.Key == taint.Key)));

    private static bool AreSame(Taint a, Taint b) => a.Key == b.Key && a.Effect == b.Effect;
}
