using System.Collections.Frozen;
using System.Text.Json;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Objects.Meta;

namespace Sealos.Node.Pods.Resizing;

/// <summary>How far a resize has come, and which wish of the pod's that is about.</summary>
internal sealed record ResizeState(string? Status, FrozenDictionary<string, ResourceRequirements?> Wish);

/// <summary>
/// What the containers of one pod have been given and what the kernel says they have. An immutable picture: a pod's spec is a wish,
/// and only what was given is run.
/// </summary>
internal sealed record PodSizes
{
    /// <summary>What each container was given; null as long as nobody has looked.</summary>
    public FrozenDictionary<string, ResourceRequirements?>? Given { get; init; }

    /// <summary>
    /// What each container was given when all of it was last in force. Memory that a container asks for less of is not free before the
    /// kernel has taken it, although nothing in the kernel says who asked for how much.
    /// </summary>
    public FrozenDictionary<string, ResourceRequirements?>? InForce { get; init; }

    /// <summary>By container id: what running containers have.</summary>
    public FrozenDictionary<string, CgroupLimits> Kernel { get; init; } = FrozenDictionary<string, CgroupLimits>.Empty;

    public ResizeState? State { get; init; }

    /// <summary>What the pod's containers had when the node that was here before said so last; no less than what they were given.</summary>
    public static FrozenDictionary<string, ResourceRequirements?> RememberInForce(Pod pod, FrozenDictionary<string, ResourceRequirements?> given)
    {
        var told = (pod.Status?.ContainerStatuses ?? []).Where(s => s is { Name: not null, Resources: not null }).DistinctBy(s => s.Name).ToDictionary(s => s.Name!, s => s.Resources!.Requests, StringComparer.Ordinal);
        return given.ToFrozenDictionary(
            g => g.Key,
            g => g.Value is { } value && told.TryGetValue(g.Key, out var had) ? new ResourceRequirements { Requests = Greater(value.Requests, had), Limits = value.Limits, Claims = value.Claims } : g.Value,
            StringComparer.Ordinal);
    }

    /// <summary>What the pod's containers ask for.</summary>
    public static FrozenDictionary<string, ResourceRequirements?> WishOf(Pod pod) =>
        pod.Containers.DistinctBy(c => c.RequiredName).ToFrozenDictionary(c => c.RequiredName, c => c.Resources, StringComparer.Ordinal);

    /// <summary>
    /// What the pod's containers were given as its status tells it: the memory of a node that was started anew. Others may have written
    /// there, so it is believed to be less than what is asked for, and never more or something else.
    /// </summary>
    public static FrozenDictionary<string, ResourceRequirements?> Remember(Pod pod, RuntimePod runtime)
    {
        var told = (pod.Status?.ContainerStatuses ?? []).Where(s => s is { Name: not null, Resources: not null }).DistinctBy(s => s.Name).ToDictionary(s => s.Name!, StringComparer.Ordinal);
        var given = pod.Containers.DistinctBy(c => c.RequiredName).ToFrozenDictionary(c => c.RequiredName, Of, StringComparer.Ordinal);

        // A pod's class never changes, and its cgroup is where its class has it.
        return PodQos.Of(With(pod, given)) == PodQos.Of(pod) ? given : WishOf(pod);

        ResourceRequirements? Of(Container c) => runtime.Active(c.RequiredName) is not null && told.TryGetValue(c.RequiredName, out var status)
            ? new ResourceRequirements { Requests = Lesser(c.Resources?.Requests, status.AllocatedResources), Limits = Lesser(c.Resources?.Limits, status.Resources!.Limits), Claims = c.Resources?.Claims }
            : c.Resources;
    }

    /// <summary>The pod with its containers as they were given what they have; the very same pod where that is what it asks for.</summary>
    public static Pod With(Pod pod, FrozenDictionary<string, ResourceRequirements?> given)
    {
        if (IsSame(WishOf(pod), given))
        {
            return pod;
        }

        var spec = JsonSerializer.Deserialize<PodSpec>(JsonSerializer.Serialize(pod.Spec, KubeJson.Options), KubeJson.Options)!;
        foreach (var container in spec.Containers ?? [])
        {
            container.Resources = given.GetValueOrDefault(container.RequiredName);
        }

        return new Pod { ApiVersion = pod.ApiVersion, Kind = pod.Kind, Metadata = pod.Metadata, Spec = spec, Status = pod.Status };
    }

    public static bool IsSame(FrozenDictionary<string, ResourceRequirements?> one, FrozenDictionary<string, ResourceRequirements?> other) =>
        one.Count == other.Count && one.All(e => other.TryGetValue(e.Key, out var value) && IsSame(e.Value?.Requests, value?.Requests) && IsSame(e.Value?.Limits, value?.Limits));

    /// <summary>What a status says about the pod's resize.</summary>
    public string? StatusFor(Pod pod)
    {
        // Somebody may have asked for something else meanwhile; what is proposed then is not to be overwritten.
        return State is { } state && WishOf(pod) is var wish && (IsSame(state.Wish, wish) || IsSame(Given!, wish)) ? state.Status : pod.Status?.Resize;
    }

    /// <summary>What a container was given.</summary>
    public ResourceRequirements GivenTo(Container container) =>
        (Given is { } given && given.TryGetValue(container.RequiredName, out var value) ? value : container.Resources) ?? new ResourceRequirements();

    /// <summary>What a running container has, in the words of what it was given where the kernel means the same.</summary>
    public ResourceRequirements ActualOf(Container container, string id, bool isUnified)
    {
        var given = GivenTo(container);
        if (!Kernel.TryGetValue(id, out var has))
        {
            return given;
        }

        var (limits, requests) = (Copy(given.Limits), Copy(given.Requests));
        Tell(limits, "cpu", q => ResourceMapping.ToQuota(q.MilliValue) == has.CpuQuota, has.CpuQuota is { } quota ? Quantity.FromMilli(quota * 1000 / ResourceMapping.CpuPeriod) : null);
        Tell(limits, "memory", q => q.LongValue == has.MemoryBytes, has.MemoryBytes is { } bytes ? Quantity.FromLong(bytes) : null);
        if (requests is not null && InForce?.GetValueOrDefault(container.RequiredName)?.Requests?.TryGetValue("memory", out var held) == true && requests.TryGetValue("memory", out var asked) && held.CompareTo(asked) > 0)
        {
            requests["memory"] = held;
        }

        Tell(requests, "cpu", q => HasShares(ResourceMapping.ToShares(q.MilliValue), has.CpuShares, isUnified), Quantity.FromMilli(((has.CpuShares * 1000) + 1023) / 1024));
        return new ResourceRequirements { Limits = limits, Requests = requests, Claims = given.Claims };
    }

    /// <summary>Whether shares are what was wanted; version 2 of cgroups keeps them on a coarser scale.</summary>
    public static bool HasShares(long wanted, long has, bool isUnified) => isUnified ? PodCgroups.ToWeight(wanted) == PodCgroups.ToWeight(has) : wanted == has;

    private static void Tell(Dictionary<string, Quantity>? amounts, string name, Func<Quantity, bool> isMeant, Quantity? has)
    {
        if (amounts is not null && amounts.TryGetValue(name, out var given) && !isMeant(given))
        {
            amounts.Remove(name);
            if (has is { } amount)
            {
                amounts[name] = amount;
            }
        }
    }

    // Nothing, and less than nothing, would mean no limit at all.
    private static Dictionary<string, Quantity>? Lesser(Dictionary<string, Quantity>? wished, Dictionary<string, Quantity>? told) =>
        wished?.ToDictionary(e => e.Key, e => told is not null && told.TryGetValue(e.Key, out var amount) && amount.Value > 0 && amount.CompareTo(e.Value) < 0 ? amount : e.Value);

    private static Dictionary<string, Quantity>? Greater(Dictionary<string, Quantity>? given, Dictionary<string, Quantity>? told) =>
        given?.ToDictionary(e => e.Key, e => told is not null && told.TryGetValue(e.Key, out var amount) && amount.CompareTo(e.Value) > 0 ? amount : e.Value);

    private static Dictionary<string, Quantity>? Copy(Dictionary<string, Quantity>? amounts) => amounts is null ? null : new(amounts);

    private static bool IsSame(Dictionary<string, Quantity>? one, Dictionary<string, Quantity>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one ?? []).All(e => other!.TryGetValue(e.Key, out var value) && value.Equals(e.Value));
}
