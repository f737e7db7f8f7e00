using Sealos.ControllerKit.Placing;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Admission;

/// <summary>Whether labels and taints of the node suit a pod. Pure.</summary>
internal static class NodeMatch
{
    private const string System = "linux";
    private const string SystemLabel = "kubernetes.io/os";

    /// <summary>Why a pod made for another operating system cannot run here; null when it is not.</summary>
    public static PodFailure? FindWrongSystem(Pod pod, Kinds.Core.Node node)
    {
        if (pod.Metadata.Labels?.GetValueOrDefault(SystemLabel) is { } label && label != (node.Metadata.Labels?.GetValueOrDefault(SystemLabel) ?? System))
        {
            return new PodFailure("PodOSSelectorNodeLabelDoesNotMatch", "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label");
        }

        return pod.Spec?.Os?.Name is { } name && name != System ? new PodFailure("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS") : null;
    }

    /// <summary>Why the node is none that the pod wants; null when it is.</summary>
    public static PodFailure? FindAffinity(Pod pod, Kinds.Core.Node node) =>
        NodeAffinities.Allows(pod.Spec ?? new PodSpec(), node) ? null : new PodFailure("NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector");

    /// <summary>Why the node does not want the pod; null when it does. What comes from this machine's own files it always wants.</summary>
    public static PodFailure? FindTaint(Pod pod, Kinds.Core.Node node) =>
        !pod.IsStatic && (node.Spec?.Taints ?? []).Exists(t => t.Effect == "NoExecute" && !Tolerations.Tolerates(pod.Spec?.Tolerations, t))
            ? new PodFailure("TaintToleration", "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate")
            : null;
}
