using Sealos.Kinds.Core;
using Sealos.Node.Containerd;
using Sealos.Node.Cri;
using Sealos.Node.Gvisor;

namespace Sealos.Node.Pods.Config;

/// <summary>What a pod can ask for that this node cannot do. It is refused by name, never ignored. Pure.</summary>
internal static class UnsupportedFields
{
    /// <summary>Fields of the pod that are not supported, each with what is allowed.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="handler">The runtime it is for; null when that is not known.</param>
    /// <param name="hasAppArmor">Whether the machine can confine programs by AppArmor.</param>
    /// <param name="runtime">What the runtime can do.</param>
    public static IReadOnlyList<string> Find(Pod pod, string? handler, bool hasAppArmor, RuntimeAbilities runtime) =>
    [
        .. OfPod(pod.Spec ?? new PodSpec(), runtime),
        .. hasAppArmor || !AsksForAppArmor(pod) ? Array.Empty<string>() : ["Cannot enforce AppArmor: AppArmor is not enabled on the host"],
        .. handler == ContainerdConfig.GvisorHandler ? GvisorLimits.Find(pod) : [],
        .. Each(pod.InitContainers, "initContainers", runtime.CanMountReadOnly(handler)),
        .. Each(pod.Containers, "containers", runtime.CanMountReadOnly(handler)),
        .. Each(pod.EphemeralContainers, "ephemeralContainers", runtime.CanMountReadOnly(handler)),
    ];

    private static bool AsksForAppArmor(Pod pod) =>
        pod.InitContainers.Concat(pod.Containers).Concat(pod.EphemeralContainers).Any(c => SecurityMapping.AppArmorOf(pod, c)?.Type is not (null or "Unconfined"));

    private static IEnumerable<string> OfPod(PodSpec spec, RuntimeAbilities runtime)
    {
        if (spec.HostUsers == false)
        {
            yield return "spec.hostUsers: user namespaces are not supported; leave it out or set it to true";
        }

        if (spec.Os?.Name is { } os and not "linux")
        {
            yield return $"spec.os.name: \"{os}\" does not run here; this node runs linux";
        }

        if (spec.ResourceClaims is { Count: > 0 })
        {
            yield return "spec.resourceClaims: dynamic resource allocation is not supported";
        }

        if (spec.Resources is { Limits.Count: > 0 } or { Requests.Count: > 0 })
        {
            yield return "spec.resources: resources of a whole pod are not supported; set them on its containers";
        }

        if (spec.SecurityContext?.WindowsOptions is not null)
        {
            yield return "spec.securityContext.windowsOptions: this node runs linux";
        }

        if (spec.SecurityContext?.SeLinuxChangePolicy is not null)
        {
            yield return "spec.securityContext.seLinuxChangePolicy: volumes are not given SELinux labels here; leave it out";
        }

        if (spec.SecurityContext?.SupplementalGroupsPolicy == "Strict" && !runtime.GroupsPolicy)
        {
            yield return "spec.securityContext.supplementalGroupsPolicy: Strict is not supported by the container runtime; use Merge";
        }
    }

    private static IEnumerable<string> Each(IReadOnlyList<Container> containers, string list, bool canMountReadOnly) =>
        containers.SelectMany((c, i) => OfContainer(c, $"spec.{list}[{i}]", canMountReadOnly));

    private static IEnumerable<string> OfContainer(Container container, string path, bool canMountReadOnly)
    {
        if (container.VolumeDevices is { Count: > 0 })
        {
            yield return $"{path}.volumeDevices: raw block volumes are not supported";
        }

        if (container.Resources?.Claims is { Count: > 0 })
        {
            yield return $"{path}.resources.claims: dynamic resource allocation is not supported";
        }

        if (!canMountReadOnly && (container.VolumeMounts ?? []).FindIndex(m => m.RecursiveReadOnly == "Enabled") is >= 0 and var mount)
        {
            yield return $"{path}.volumeMounts[{mount}].recursiveReadOnly: Enabled is not supported by the container runtime; use IfPossible";
        }

        if (container.SecurityContext?.ProcMount == "Unmasked")
        {
            yield return $"{path}.securityContext.procMount: `hostUsers` must be false to use `Unmasked`, which this node does not support; leave it out";
        }

        if (container.SecurityContext?.WindowsOptions is not null)
        {
            yield return $"{path}.securityContext.windowsOptions: this node runs linux";
        }

        if (container.Lifecycle?.PostStart?.TcpSocket is not null || container.Lifecycle?.PreStop?.TcpSocket is not null)
        {
            yield return $"{path}.lifecycle: tcpSocket hooks are not supported; use exec, httpGet or sleep";
        }
    }
}
