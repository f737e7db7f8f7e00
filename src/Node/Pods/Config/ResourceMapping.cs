using Sealos.Kinds.Core;
using Sealos.Objects.Meta;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods.Config;

/// <summary>What a pod's own cgroup is limited to; null is no limit.</summary>
internal sealed record CgroupLimits(long CpuShares, long? CpuQuota, long? MemoryBytes);

/// <summary>Requests and limits as the kernel's shares, quotas and limits. Pure.</summary>
internal static class ResourceMapping
{
    /// <summary>Length of the period over which a CPU quota is counted, in microseconds.</summary>
    public const long CpuPeriod = 100_000;

    private const long MinShares = 2;
    private const long MaxShares = 262_144;
    private const long MinQuota = 1_000;
    private const int GuaranteedOomScore = -997;
    private const int BestEffortOomScore = 1000;
    private const int CriticalPriority = 2_000_000_000;

    /// <summary>The resources of one container.</summary>
    /// <param name="pod">Its pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="nodeMemory">The node's memory in bytes, against which requests are weighed.</param>
    /// <param name="isUnified">Whether cgroups are version 2.</param>
    public static V1.LinuxContainerResources Of(Pod pod, Container container, long nodeMemory, bool isUnified)
    {
        var limits = container.Resources?.Limits;
        var cpu = Milli(container.Resources?.Requests, "cpu") ?? Milli(limits, "cpu") ?? 0;
        var result = new V1.LinuxContainerResources
        {
            CpuShares = ToShares(cpu),
            MemoryLimitInBytes = Bytes(limits, "memory") ?? 0,
            OomScoreAdj = OomScore(pod, container, nodeMemory),
        };
        if (Milli(limits, "cpu") is { } limit and > 0)
        {
            result.CpuPeriod = CpuPeriod;
            result.CpuQuota = ToQuota(limit);
        }

        if (isUnified)
        {
            result.Unified["memory.oom.group"] = "1";
        }

        return result;
    }

    /// <summary>The limits of a pod as a whole: sums, where every container has one, and what running the pod itself takes.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="isOneSandbox">Whether nothing but the pod's limit holds its containers; then one that has ended by the time the others run needs none.</param>
    public static CgroupLimits Of(Pod pod, bool isOneSandbox = false)
    {
        var (overheadCpu, overheadMemory) = (Milli(pod.Spec?.Overhead, "cpu") ?? 0, Bytes(pod.Spec?.Overhead, "memory") ?? 0);
        var shares = ToShares(overheadCpu + Total(pod, c => Milli(c.Resources?.Requests, "cpu") ?? Milli(c.Resources?.Limits, "cpu") ?? 0));
        var all = pod.Containers.Concat(pod.InitContainers.Where(c => c.IsSidecar || !isOneSandbox)).ToList();
        var quota = all.All(c => Milli(c.Resources?.Limits, "cpu") is > 0) ? ToQuota(overheadCpu + Total(pod, c => Milli(c.Resources?.Limits, "cpu") ?? 0)) : (long?)null;
        var memory = all.All(c => Bytes(c.Resources?.Limits, "memory") is > 0) ? overheadMemory + Total(pod, c => Bytes(c.Resources?.Limits, "memory") ?? 0) : (long?)null;
        return new CgroupLimits(PodQos.Of(pod) == PodQos.BestEffort ? MinShares : shares, quota, memory);
    }

    /// <summary>What a pod as a whole asks for: thousandths of a processor, or bytes.</summary>
    public static long RequestOf(Pod pod, string resource)
    {
        Func<Dictionary<string, Quantity>?, string, long?> amount = resource == "cpu" ? Milli : Bytes;
        return (amount(pod.Spec?.Overhead, resource) ?? 0) + Total(pod, c => amount(c.Resources?.Requests, resource) ?? amount(c.Resources?.Limits, resource) ?? 0);
    }

    /// <summary>The cgroup in which all of a pod's containers are.</summary>
    public static string CgroupOf(Pod pod, string parent) => PodQos.Of(pod) switch
    {
        PodQos.Guaranteed => $"{parent}/pod{pod.Uid}",
        var qos => $"{parent}/{qos.ToLowerInvariant()}/pod{pod.Uid}",
    };

    /// <summary>How readily the kernel kills a container when memory is short.</summary>
    internal static long OomScore(Pod pod, Container container, long nodeMemory)
    {
        var qos = PodQos.Of(pod);
        if (qos == PodQos.Guaranteed || pod.Spec?.Priority >= CriticalPriority)
        {
            return GuaranteedOomScore;
        }

        if (qos == PodQos.BestEffort)
        {
            return BestEffortOomScore;
        }

        var request = Bytes(container.Resources?.Requests, "memory") ?? Bytes(container.Resources?.Limits, "memory") ?? 0;
        return Math.Clamp(1000 - (1000 * request / Math.Max(1, nodeMemory)), 3, BestEffortOomScore - 1);
    }

    internal static long ToShares(long milliCpu) => Math.Clamp(milliCpu * 1024 / 1000, MinShares, MaxShares);

    internal static long ToQuota(long milliCpu) => Math.Max(MinQuota, milliCpu * CpuPeriod / 1000);

    /// <summary>What a pod takes at most at one time: init containers run one after another, sidecars beside everything that comes after them.</summary>
    internal static long Total(Pod pod, Func<Container, long> amount)
    {
        var sidecars = 0L;
        var peak = 0L;
        foreach (var init in pod.InitContainers)
        {
            if (init.IsSidecar)
            {
                sidecars += amount(init);
            }

            peak = Math.Max(peak, sidecars + (init.IsSidecar ? 0 : amount(init)));
        }

        return Math.Max(peak, sidecars + pod.Containers.Sum(amount));
    }

    private static long? Milli(Dictionary<string, Quantity>? resources, string name) =>
        resources?.TryGetValue(name, out var value) == true ? value.MilliValue : null;

    private static long? Bytes(Dictionary<string, Quantity>? resources, string name) =>
        resources?.TryGetValue(name, out var value) == true ? value.LongValue : null;
}
