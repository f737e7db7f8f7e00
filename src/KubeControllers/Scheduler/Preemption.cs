namespace Sealos.KubeControllers.Scheduler;

/// <summary>Whom to remove from which node so that a pod of higher priority fits.</summary>
internal sealed record PreemptionPlan(string Node, IReadOnlyList<PlacedPod> Victims);

/// <summary>
/// Finds the node where making room costs least. It tries each in earnest on the cluster in memory, and puts everything back.
/// </summary>
internal static class Preemption
{
    /// <summary>The cheapest plan among the nodes where fewer pods would help, or null.</summary>
    public static PreemptionPlan? Find(PlacedPod pod, ClusterState cluster, IEnumerable<NodeState> candidates)
    {
        var plans = new List<PreemptionPlan>();
        foreach (var node in candidates.ToList())
        {
            if (VictimsOn(node, pod, cluster) is { Count: > 0 } victims)
            {
                plans.Add(new PreemptionPlan(node.Name, victims));
            }
        }

        return plans
            .OrderBy(p => p.Victims.Max(v => v.Priority))
            .ThenBy(p => p.Victims.Sum(v => (long)v.Priority))
            .ThenBy(p => p.Victims.Count)
            .ThenByDescending(p => p.Victims.Where(v => v.Priority == p.Victims.Max(o => o.Priority)).Min(v => v.Pod.Status?.StartTime))
            .ThenBy(p => p.Node, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static List<PlacedPod>? VictimsOn(NodeState node, PlacedPod pod, ClusterState cluster)
    {
        var lower = node.Pods.Where(p => p.Priority < pod.Priority).OrderByDescending(p => p.Priority).ThenBy(p => p.Pod.Status?.StartTime).ToList();
        lower.ForEach(p => cluster.Remove(p.Uid));
        try
        {
            return Placing.Check(pod, node, cluster) is null ? lower.FindAll(p => !MayStay(p, node, pod, cluster)) : null;
        }
        finally
        {
            lower.ForEach(p => cluster.Place(p, node.Name));
        }
    }

    // The most important come back first; whoever still leaves room for the pod stays.
    private static bool MayStay(PlacedPod other, NodeState node, PlacedPod pod, ClusterState cluster)
    {
        cluster.Place(other, node.Name);
        if (Placing.Check(pod, node, cluster) is null)
        {
            return true;
        }

        cluster.Remove(other.Uid);
        return false;
    }
}
