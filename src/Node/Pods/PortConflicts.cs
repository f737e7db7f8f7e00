using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>Whether ports of the node that a pod asks for are taken. The scheduler sees to that too, but a pod may name its node itself. Pure.</summary>
internal static class PortConflicts
{
    private const string Any = "0.0.0.0";

    /// <summary>Why the pod cannot run beside the others, or null when it can.</summary>
    /// <param name="pod">A pod that has just come.</param>
    /// <param name="others">The node's pods, asked for only when it matters.</param>
    public static PodFailure? Find(Pod pod, Func<IReadOnlyList<Pod>> others)
    {
        var wanted = PortsOf(pod);
        return wanted.Count > 0 && others().Any(other => other.Uid != pod.Uid && !other.IsFinished && !(other.IsDeleting && IsReplaced(other, pod)) && CameBefore(other, pod) && PortsOf(other).Exists(taken => wanted.Exists(taken.ConflictsWith)))
            ? new PodFailure("NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports")
            : null;
    }

    /// <summary>Whether one static pod is what the file of the other said before.</summary>
    public static bool IsReplaced(Pod former, Pod pod) => former.IsStatic && pod.IsStatic && (former.Namespace, former.Name) == (pod.Namespace, pod.Name);

    // Of two that come at once only the later one is refused.
    private static bool CameBefore(Pod other, Pod pod) =>
        other.Status?.StartTime is not null
        || (other.Metadata.CreationTimestamp ?? default, other.Uid).CompareTo((pod.Metadata.CreationTimestamp ?? default, pod.Uid)) < 0;

    private static List<Port> PortsOf(Pod pod) =>
        [.. pod.Containers.Concat(pod.InitContainers.Where(c => c.IsSidecar)).SelectMany(c => c.Ports ?? [])
            .Where(p => p.HostPort is > 0)
            .Select(p => new Port(p.HostIP is { Length: > 0 } ip ? ip : Any, p.Protocol ?? "TCP", p.HostPort!.Value))];

    private readonly record struct Port(string Address, string Protocol, int Number)
    {
        public bool ConflictsWith(Port other) =>
            Number == other.Number && Protocol == other.Protocol && (Address == other.Address || Address == Any || other.Address == Any);
    }
}
