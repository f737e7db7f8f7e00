using Sealos.Kinds.Policy;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>Whom to remove from which node so that a pod of higher priority fits, and how many of them against their budgets.</summary>
internal sealed record PreemptionPlan(string Node, IReadOnlyList<PlacedPod> Victims, int Violations = 0);

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
            if (PlanFor(node, pod, cluster) is { Victims.Count: > 0 } plan)
            {
                plans.Add(plan);
            }
        }

        // Priorities are added up from the lowest there is, so that one more victim always weighs more than how important it is.
        return plans
            .OrderBy(p => p.Violations)
            .ThenBy(p => p.Victims.Max(v => v.Priority))
            .ThenBy(p => p.Victims.Sum(v => v.Priority - (long)int.MinValue))
            .ThenBy(p => p.Victims.Count)
            .ThenByDescending(p => p.Victims.Where(v => v.Priority == p.Victims.Max(o => o.Priority)).Min(v => v.Pod.Status?.StartTime))
            .ThenBy(p => p.Node, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static PreemptionPlan? PlanFor(NodeState node, PlacedPod pod, ClusterState cluster)
    {
        var lower = node.Pods.Where(p => p.Priority < pod.Priority).OrderByDescending(p => p.Priority).ThenBy(p => p.Pod.Status?.StartTime).ToList();
        lower.ForEach(p => cluster.Remove(p.Uid));
        try
        {
            if (Placing.Check(pod, node, cluster) is not null)
            {
                return null;
            }

            // Those whose budget has nothing left come back before all others.
            var (guarded, free) = Split(lower, cluster);
            var violating = guarded.FindAll(p => !MayStay(p, node, pod, cluster));
            return new PreemptionPlan(node.Name, [.. violating, .. free.FindAll(p => !MayStay(p, node, pod, cluster))], violating.Count);
        }
        finally
        {
            lower.ForEach(p => cluster.Place(p, node.Name));
        }
    }

    private static (List<PlacedPod> Guarded, List<PlacedPod> Free) Split(List<PlacedPod> pods, ClusterState cluster)
    {
        var left = new Dictionary<PodDisruptionBudget, int>(ReferenceEqualityComparer.Instance);
        var (guarded, free) = (new List<PlacedPod>(), new List<PlacedPod>());
        foreach (var pod in pods)
        {
            var violates = false;
            foreach (var budget in cluster.BudgetsOf(pod.Pod))
            {
                // An eviction that was allowed has been counted.
                if (budget.Status?.DisruptedPods?.ContainsKey(pod.Pod.Metadata.Name ?? "") != true)
                {
                    left[budget] = left.GetValueOrDefault(budget, budget.Status?.DisruptionsAllowed ?? 0) - 1;
                    violates |= left[budget] < 0;
                }
            }

            (violates ? guarded : free).Add(pod);
        }

        return (guarded, free);
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
