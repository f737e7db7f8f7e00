using Sealos.ControllerKit.Placing;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.DaemonSets;

/// <summary>Whether a daemon should come to a node, and whether one that is there may stay.</summary>
internal readonly record struct DaemonFit(bool ShouldRun, bool MayStay)
{
    public static DaemonFit Of(DaemonSet set, Node node) => Of(set, DaemonPods.Tolerations(set.Spec!.Template!.Spec ?? new PodSpec()), node);

    /// <summary>The same, with the daemon's tolerations worked out before.</summary>
    public static DaemonFit Of(DaemonSet set, List<Toleration> tolerations, Node node)
    {
        var spec = set.Spec!.Template!.Spec ?? new PodSpec();
        if ((spec.NodeName is { Length: > 0 } name && name != node.Metadata.Name) || !NodeAffinities.Allows(spec, node))
        {
            return default;
        }

        var resented = (node.Spec?.Taints ?? []).FindAll(t => t.Effect is "NoSchedule" or "NoExecute" && !Tolerations.Tolerates(tolerations, t));
        return new DaemonFit(resented.Count == 0, resented.TrueForAll(t => t.Effect != "NoExecute"));
    }
}
