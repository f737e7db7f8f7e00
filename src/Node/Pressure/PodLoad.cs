using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Objects.Meta;

namespace Sealos.Node.Pressure;

/// <summary>A pod and what it uses of what is short.</summary>
internal sealed record PodLoad(Pod Pod, long Usage)
{
    /// <summary>How much more than it asked for.</summary>
    public long Excess(string resource) => Usage - Requested(resource);

    /// <summary>What its containers asked for together.</summary>
    public long Requested(string resource) =>
        Pod.Containers.Concat(Pod.InitContainers.Where(c => c.IsSidecar)).Sum(c => (c.Resources?.Requests).Amount(resource));
}

/// <summary>Which pod goes first when something is short. Pure.</summary>
internal static class EvictionOrder
{
    private const int CriticalPriority = 2_000_000_000;

    /// <summary>
    /// Whoever uses more than they asked for before those who keep to it, then the least important, then whoever uses most beyond
    /// what they asked for. Who uses less than <paramref name="least"/> is left alone: their going would bring nothing.
    /// </summary>
    public static PodLoad? First(IEnumerable<PodLoad> pods, string resource, long least) => pods
        .Where(p => p.Usage >= least && !IsCritical(p.Pod) && !p.Pod.IsFinished && !p.Pod.IsDeleting)
        .OrderByDescending(p => p.Excess(resource) > 0)
        .ThenBy(p => p.Pod.Spec?.Priority ?? 0)
        .ThenByDescending(p => p.Excess(resource))
        .FirstOrDefault();

    /// <summary>Whether the machine itself depends on the pod.</summary>
    public static bool IsCritical(Pod pod) => pod.Spec?.Priority >= CriticalPriority || pod.IsStatic;

    /// <summary>Why a pod that has just come cannot run on a machine that is short of something; null when it can.</summary>
    public static string? FindRefusal(Pod pod, NodePressure pressure)
    {
        if (IsCritical(pod) || !pressure.Conditions.Any())
        {
            return null;
        }

        // Who has asked for memory may count on it, and who says that little is enough has been warned.
        var isMemoryAlone = pressure is { Memory: true, Disk: false, Processes: false };
        var bearsIt = PodQos.Of(pod) != PodQos.BestEffort || (pod.Spec?.Tolerations ?? []).Any(t => Tolerates(t, "node.kubernetes.io/memory-pressure"));
        return isMemoryAlone && bearsIt ? null : $"The node had condition: [{string.Join(", ", pressure.Conditions)}]. ";
    }

    internal static long Amount(this Dictionary<string, Quantity>? resources, string name) =>
        resources?.TryGetValue(name, out var value) == true ? value.LongValue : 0;

    private static bool Tolerates(Toleration toleration, string key) =>
        (toleration.Key is null or "" && toleration.Operator == "Exists") || (toleration.Key == key && toleration.Effect is null or "" or "NoSchedule");
}
