using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods.Resizing;

/// <summary>A running container that is to be given other limits.</summary>
internal sealed record ContainerResize(Container Container, RuntimeContainer Running, V1.LinuxContainerResources Wanted, CgroupLimits Has)
{
    /// <summary>Whether it gets less memory than it has.</summary>
    public bool Shrinks => Wanted.MemoryLimitInBytes > 0 && (Has.MemoryBytes is null || Wanted.MemoryLimitInBytes < Has.MemoryBytes);
}

/// <summary>What has to be done so that running containers have what they were given. Pure.</summary>
/// <param name="Updates">Containers that go on running, those first that get less.</param>
/// <param name="Restarts">Containers that want to be started anew with what they were given.</param>
internal sealed record ResizePlan(IReadOnlyList<ContainerResize> Updates, IReadOnlyList<ContainerResize> Restarts)
{
    public static readonly ResizePlan None = new([], []);

    public bool IsEmpty => Updates.Count == 0 && Restarts.Count == 0;

    /// <summary>Compares what containers were given with what the kernel says they have.</summary>
    /// <param name="pod">The pod with what it was given.</param>
    /// <param name="runtime">What runs.</param>
    /// <param name="sizes">What the kernel says.</param>
    /// <param name="node">The node.</param>
    public static ResizePlan Compute(Pod pod, RuntimePod runtime, PodSizes sizes, NodeFacts node)
    {
        if (sizes.Kernel.Count == 0)
        {
            return None;
        }

        var updates = new List<ContainerResize>();
        var restarts = new List<ContainerResize>();
        foreach (var container in pod.Containers)
        {
            if (runtime.Active(container.RequiredName) is not { IsRunning: true } running || !sizes.Kernel.TryGetValue(running.Id, out var has))
            {
                continue;
            }

            var wanted = ResourceMapping.Of(pod, container, node.MemoryBytes, node.HasUnifiedCgroups);
            var (isCpu, isMemory) = (DiffersInCpu(wanted, has, node.HasUnifiedCgroups), wanted.MemoryLimitInBytes > 0 && wanted.MemoryLimitInBytes != has.MemoryBytes);
            if (!isCpu && !isMemory)
            {
                continue;
            }

            var mustRestart = (isCpu && WantsRestart(container, "cpu")) || (isMemory && WantsRestart(container, "memory"));
            (mustRestart ? restarts : updates).Add(new ContainerResize(container, running, wanted, has));
        }

        return new ResizePlan([.. updates.OrderByDescending(u => u.Shrinks)], restarts);
    }

    // A limit cannot be taken away from a container, so where none is wanted what it has is not looked at.
    private static bool DiffersInCpu(V1.LinuxContainerResources wanted, CgroupLimits has, bool isUnified) =>
        !PodSizes.HasShares(wanted.CpuShares, has.CpuShares, isUnified) || (wanted.CpuQuota > 0 && wanted.CpuQuota != has.CpuQuota);

    private static bool WantsRestart(Container container, string resource) =>
        container.ResizePolicy?.Exists(p => p.ResourceName == resource && p.RestartPolicy == "RestartContainer") == true;
}
