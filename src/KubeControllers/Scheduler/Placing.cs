namespace Sealos.KubeControllers.Scheduler;

/// <summary>Finds a node for a pod, or says why there is none, in the words of Kubernetes.</summary>
internal static class Placing
{
    public const string NoNodes = "no nodes available to schedule pods";

    public static Placement Find(PlacedPod pod, ClusterState cluster)
    {
        if (cluster.Nodes.Count == 0)
        {
            return new Placement(null, NoNodes, Blockers.Node);
        }

        var affinities = new PodAffinities(pod, cluster);
        var spread = new TopologySpread(pod, cluster);
        var feasible = new List<NodeState>();
        var verdicts = new List<Verdict>();
        foreach (var node in cluster.Nodes)
        {
            if ((Filters.Check(pod, node) ?? spread.Check(node) ?? affinities.Check(node)) is { } verdict)
            {
                verdicts.Add(verdict);
            }
            else
            {
                feasible.Add(node);
            }
        }

        return feasible.Count > 0
            ? Placement.On(Scores.Choose(pod, feasible, cluster, spread).Name)
            : new Placement(null, Message(pod, verdicts), verdicts.Aggregate(Blockers.None, (all, v) => all | v.Blockers));
    }

    /// <summary>Why no node will do, and why making room would not help either.</summary>
    public static string Message(PlacedPod pod, IReadOnlyList<Verdict> verdicts)
    {
        var preemption = pod.Pod.Spec!.PreemptionPolicy == "Never"
            ? "not eligible due to preemptionPolicy=Never."
            : Count(verdicts.Count, verdicts.Select(v => v.CouldPreempt ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling"));
        return $"{Count(verdicts.Count, verdicts.SelectMany(v => v.Reasons))} preemption: {preemption}";
    }

    private static string Count(int nodes, IEnumerable<string> reasons) =>
        $"0/{nodes} nodes are available: {string.Join(", ", reasons.CountBy(r => r).Select(r => $"{r.Value} {r.Key}").Order(StringComparer.Ordinal))}.";
}
