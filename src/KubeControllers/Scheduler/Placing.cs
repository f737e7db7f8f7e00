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

        var claims = new PodClaims(pod.Pod, cluster);
        if (claims.Refusal is { } refusal)
        {
            return RefuseEverywhere(cluster.Nodes.Count, refusal);
        }

        using var reserved = cluster.Reserve(pod);
        var affinities = new PodAffinities(pod, cluster);
        var spread = new TopologySpread(pod, cluster);
        var feasible = new List<NodeState>();
        var verdicts = new List<(NodeState Node, Verdict Verdict)>();
        foreach (var node in cluster.Nodes)
        {
            if ((Check(pod, node, affinities, spread) ?? claims.Check(node.Node!)) is { } verdict)
            {
                verdicts.Add((node, verdict));
            }
            else
            {
                feasible.Add(node);
            }
        }

        if (feasible.Count == 0)
        {
            return Refuse(pod, cluster, verdicts);
        }

        var chosen = Scores.Choose(pod, feasible, cluster, spread);
        return Placement.On(chosen.Name, claims.ChoicesOn(chosen.Node!));
    }

    /// <summary>What rules a node out as the cluster stands, or null.</summary>
    public static Verdict? Check(PlacedPod pod, NodeState node, ClusterState cluster) =>
        Check(pod, node, new PodAffinities(pod, cluster), new TopologySpread(pod, cluster));

    private static Verdict? Check(PlacedPod pod, NodeState node, PodAffinities affinities, TopologySpread spread) =>
        Filters.Check(pod, node) ?? spread.Check(node) ?? affinities.Check(node);

    private static Placement Refuse(PlacedPod pod, ClusterState cluster, List<(NodeState Node, Verdict Verdict)> verdicts)
    {
        var blockers = verdicts.Aggregate(Blockers.None, (all, v) => all | v.Verdict.Blockers);
        var reasons = Count(verdicts.Count, verdicts.SelectMany(v => v.Verdict.Reasons));
        if (pod.Pod.Spec!.PreemptionPolicy == "Never")
        {
            return new Placement(null, $"{reasons} preemption: not eligible due to preemptionPolicy=Never.", blockers);
        }

        if (IsMakingRoom(pod, cluster))
        {
            return new Placement(null, $"{reasons} preemption: not eligible due to a terminating pod on the nominated node.", blockers);
        }

        if (Preemption.Find(pod, cluster, verdicts.Where(v => v.Verdict.CouldPreempt).Select(v => v.Node)) is { } plan)
        {
            return new Placement(null, reasons, blockers, plan);
        }

        var why = Count(verdicts.Count, verdicts.Select(v => v.Verdict.CouldPreempt ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling"));
        return new Placement(null, $"{reasons} preemption: {why}", blockers);
    }

    // What is wrong with the pod's claims is so on every node, and no other pod's going would help.
    private static Placement RefuseEverywhere(int nodes, string reason) => new(
        null,
        $"0/{nodes} nodes are available: {reason}. preemption: {Count(nodes, Enumerable.Repeat("Preemption is not helpful for scheduling", nodes))}",
        Blockers.Storage | Blockers.Pod);

    // Those it drove away have not gone yet; more need not go.
    private static bool IsMakingRoom(PlacedPod pod, ClusterState cluster) =>
        cluster.NominatedNode(pod.Uid) is { } name && cluster.Nodes.Find(n => n.Name == name) is { } node
        && node.Pods.Any(p => p.Priority < pod.Priority && p.Pod.Metadata.DeletionTimestamp is not null);

    private static string Count(int nodes, IEnumerable<string> reasons) =>
        $"0/{nodes} nodes are available: {string.Join(", ", reasons.CountBy(r => r).Select(r => $"{r.Value} {r.Key}").Order(StringComparer.Ordinal))}.";
}
