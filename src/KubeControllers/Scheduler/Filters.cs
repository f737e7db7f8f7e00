using Sealos.ControllerKit.Placing;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Nodes;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>The reasons that rule a node out for a pod by what is on that node; the first that applies counts.</summary>
internal static class Filters
{
    public static Verdict? Check(PlacedPod pod, NodeState node) =>
        Supported(pod.Pod.Spec!) ?? Unschedulable(pod, node) ?? Taints(pod, node) ?? Affinity(pod, node) ?? Ports(pod, node) ?? Fit(pod, node);

    // What cannot be honoured is refused by name; a pod placed all the same would not be what was asked for.
    private static Verdict? Supported(PodSpec spec) =>
        spec.ResourceClaims is { Count: > 0 } ? new Verdict("spec.resourceClaims is not supported", false, Blockers.Pod) : null;

    private static Verdict? Unschedulable(PlacedPod pod, NodeState node)
    {
        var isTolerated = Tolerations.Tolerates(pod.Pod.Spec!.Tolerations, new Taint { Key = NodeTaints.Unschedulable, Effect = "NoSchedule" });
        return node.Node!.Spec?.Unschedulable == true && !isTolerated ? new Verdict("node(s) were unschedulable", false, Blockers.Node) : null;
    }

    private static Verdict? Taints(PlacedPod pod, NodeState node)
    {
        var taint = node.Node!.Spec?.Taints?.Find(t => t.Effect is "NoSchedule" or "NoExecute" && !Tolerations.Tolerates(pod.Pod.Spec!.Tolerations, t));
        return taint is null ? null : new Verdict($"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}", false, Blockers.Node);
    }

    private static Verdict? Affinity(PlacedPod pod, NodeState node) =>
        NodeAffinities.Allows(pod.Pod.Spec!, node.Node!) ? null : new Verdict("node(s) didn't match Pod's node affinity/selector", false, Blockers.Node);

    private static Verdict? Ports(PlacedPod pod, NodeState node) =>
        pod.Ports.Count > 0 && node.Pods.Any(other => other.Ports.Any(taken => pod.Ports.Any(taken.ConflictsWith)))
            ? new Verdict("node(s) didn't have free ports for the requested pod ports", true, Blockers.Room | Blockers.Node)
            : null;

    private static Verdict? Fit(PlacedPod pod, NodeState node)
    {
        var reasons = new List<string>();
        if (node.Pods.Count + 1 > node.Allocatable[Resources.Pods])
        {
            reasons.Add("Too many pods");
        }

        foreach (var name in pod.Request.Names.Where(n => n != Resources.Pods))
        {
            var request = pod.Request[name];
            if (request > 0 && request > node.Allocatable[name] - node.Requested[name])
            {
                reasons.Add($"Insufficient {name}");
            }
        }

        return reasons.Count == 0 ? null : new Verdict(reasons, true, Blockers.Room | Blockers.Node);
    }
}
