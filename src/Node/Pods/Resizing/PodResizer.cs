using System.Collections.Frozen;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods.Resizing;

/// <summary>
/// Gives one pod's containers what its spec asks for, when there is room, and has the kernel follow. What they were given is kept in
/// the pod's status, so a node that starts anew knows it. Called by the pod's worker alone; <see cref="Sizes"/> may be read by others.
/// </summary>
internal sealed class PodResizer(PodTools tools, CriClient cri)
{
    private const string InProgress = "InProgress";

    private string _told = "";

    /// <summary>What the pod's containers have now.</summary>
    public PodSizes Sizes { get; private set; } = new();

    /// <summary>Whether the pod waits for room that others may give back.</summary>
    public bool IsWaiting => Sizes.State?.Status == NodeRoom.Deferred;

    /// <summary>The pod as it is to be run: with what it was given, which is what it asks for when there is room.</summary>
    public Pod Allocate(Pod pod, RuntimePod runtime)
    {
        if (pod.IsStatic)
        {
            tools.Room.Give(pod.Uid, PodRoom.Of(pod));
            return pod;
        }

        var wish = PodSizes.WishOf(pod);
        if (Sizes.Given is null)
        {
            var given = PodSizes.Remember(pod, runtime);
            Sizes = Sizes with { Given = given, InForce = PodSizes.RememberInForce(pod, given) };
            Hold(pod);
        }

        if (!PodSizes.IsSame(wish, Sizes.Given))
        {
            if (Judge(pod) is { } refusal)
            {
                Tell(pod, refusal);
                Sizes = Sizes with { Kernel = Read(pod, runtime), State = new ResizeState(refusal.Status, wish) };
                return PodSizes.With(pod, Sizes.Given);
            }

            Sizes = Sizes with { Given = wish };
            Hold(pod);
        }

        _told = "";
        Sizes = Sizes with { Kernel = Read(pod, runtime) };
        var isInForce = Plan(pod, runtime).IsEmpty;
        Sizes = Sizes with { State = new ResizeState(isInForce ? null : InProgress, wish) };
        if (isInForce && !PodSizes.IsSame(Sizes.InForce!, wish))
        {
            Sizes = Sizes with { InForce = wish };
            Hold(pod);
        }

        return pod;
    }

    /// <summary>What has to be done so that running containers have what they were given.</summary>
    public ResizePlan Plan(Pod allocated, RuntimePod runtime) => ResizePlan.Compute(allocated, runtime, Sizes, tools.Node);

    /// <summary>Has the kernel give running containers what they were given: the pod's own limits never stand in the way of theirs.</summary>
    /// <exception cref="IOException">The kernel does not take it, at least not now.</exception>
    /// <exception cref="CriException">The runtime does not take it.</exception>
    public async Task ApplyAsync(Pod allocated, ResizePlan plan, CancellationToken ct)
    {
        tools.Cgroups.Widen(allocated);
        foreach (var update in plan.Updates)
        {
            if (update.Shrinks && tools.Cgroups.MemoryOf(allocated, update.Running.Id) >= update.Wanted.MemoryLimitInBytes)
            {
                throw new IOException($"container {update.Container.Name} uses more memory than it is to be left with");
            }

            // Not cancelled: half an update would leave the picture wrong.
            await cri.UpdateContainerResourcesAsync(update.Running.Id, update.Wanted, CancellationToken.None).ConfigureAwait(false);
            Forget(update.Running.Id);
        }

        // What is still to be ended with more would not let the pod have less.
        ct.ThrowIfCancellationRequested();
        if (plan.Restarts.Count == 0)
        {
            tools.Cgroups.Ensure(allocated);
        }
    }

    /// <summary>The pod takes nothing of the node any more.</summary>
    public void Release(Pod pod)
    {
        tools.Room.Release(pod.Uid);
        Sizes = Sizes with { State = null };
    }

    /// <summary>What a pod has that was let in before this agent was there.</summary>
    public static PodRoom Remember(Pod pod, RuntimePod runtime)
    {
        if (pod.IsStatic)
        {
            return PodRoom.Of(pod);
        }

        var given = PodSizes.Remember(pod, runtime);
        return Held(pod, new PodSizes { Given = given, InForce = PodSizes.RememberInForce(pod, given) });
    }

    private void Hold(Pod pod) => tools.Room.Give(pod.Uid, Held(pod, Sizes));

    // What the pod was given, and memory that it has not let go of yet.
    private static PodRoom Held(Pod pod, PodSizes sizes)
    {
        var (given, inForce) = (PodRoom.Of(PodSizes.With(pod, sizes.Given!)), PodRoom.Of(PodSizes.With(pod, sizes.InForce!)));
        return given with { Memory = Math.Max(given.Memory, inForce.Memory) };
    }

    private ResizeRefusal? Judge(Pod pod) => pod.Spec?.RuntimeClassName is { Length: > 0 } name
        ? new ResizeRefusal(NodeRoom.Infeasible, $"Pods of runtime class {name} cannot be resized")
        : tools.Room.TryGive(pod.Uid, PodRoom.Of(pod));

    private void Tell(Pod pod, ResizeRefusal refusal)
    {
        if (_told != refusal.Message)
        {
            _told = refusal.Message;
            tools.Api.Warning(pod, refusal.Status == NodeRoom.Deferred ? "ResizeDeferred" : "ResizeInfeasible", refusal.Message);
        }
    }

    // Each container is read once: nobody else changes what is written there. What another runtime makes of a container's cgroup is
    // its own matter, and no reason to touch the pod's, which may be all that holds its containers.
    private FrozenDictionary<string, CgroupLimits> Read(Pod pod, RuntimePod runtime)
    {
        if (pod.Spec?.RuntimeClassName is { Length: > 0 })
        {
            return Sizes.Kernel;
        }

        var running = pod.Containers.Where(c => HasAny(c) || HasAny(Sizes.GivenTo(c))).Select(c => runtime.Active(c.RequiredName)).OfType<RuntimeContainer>().Where(c => c.IsRunning).Select(c => c.Id).ToList();
        if (running.Count == Sizes.Kernel.Count && running.TrueForAll(Sizes.Kernel.ContainsKey))
        {
            return Sizes.Kernel;
        }

        var result = new Dictionary<string, CgroupLimits>(StringComparer.Ordinal);
        foreach (var id in running)
        {
            if (Sizes.Kernel.TryGetValue(id, out var known) || (known = tools.Cgroups.Read(pod, id)) is not null)
            {
                result[id] = known;
            }
        }

        return result.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private void Forget(string id) => Sizes = Sizes with { Kernel = Sizes.Kernel.Where(e => e.Key != id).ToFrozenDictionary(StringComparer.Ordinal) };

    private static bool HasAny(Container container) => container.Resources is { } resources && HasAny(resources);

    private static bool HasAny(ResourceRequirements resources) => resources.Requests is { Count: > 0 } || resources.Limits is { Count: > 0 };
}
