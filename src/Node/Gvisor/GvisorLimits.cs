using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Gvisor;

/// <summary>What a pod in gVisor cannot have, because it would need the kernel that gVisor keeps from it. Pure.</summary>
internal static class GvisorLimits
{
    /// <summary>The fields that ask for it, each with why not.</summary>
    public static IEnumerable<string> Find(Pod pod)
    {
        var spec = pod.Spec ?? new PodSpec();
        foreach (var (field, isSet) in new[] { ("hostNetwork", spec.HostNetwork), ("hostPID", spec.HostPID), ("hostIPC", spec.HostIPC) })
        {
            if (isSet == true)
            {
                yield return $"spec.{field}: gVisor shares nothing of the host's; leave it out, or take another runtimeClassName";
            }
        }

        if (spec.SecurityContext?.SeccompProfile?.Type == "Localhost")
        {
            yield return "spec.securityContext.seccompProfile: gVisor takes no profiles of the node's; use RuntimeDefault";
        }

        foreach (var (list, containers) in new[] { ("initContainers", pod.InitContainers), ("containers", pod.Containers), ("ephemeralContainers", pod.EphemeralContainers) })
        {
            foreach (var error in containers.SelectMany((c, i) => OfContainer(c, $"spec.{list}[{i}]")))
            {
                yield return error;
            }
        }
    }

    private static IEnumerable<string> OfContainer(Container container, string path)
    {
        if (container.SecurityContext?.SeccompProfile?.Type == "Localhost")
        {
            yield return $"{path}.securityContext.seccompProfile: gVisor takes no profiles of the node's; use RuntimeDefault";
        }

        if (container.SecurityContext?.Capabilities?.Add?.Contains("NET_RAW") == true)
        {
            yield return $"{path}.securityContext.capabilities: gVisor gives no raw sockets; leave NET_RAW out";
        }

        if ((container.VolumeMounts ?? []).FindIndex(m => m.MountPropagation is "Bidirectional") is >= 0 and var mount)
        {
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}.volumeMounts[{mount}].mountPropagation: what is mounted in gVisor stays in it; leave it out");
        }
    }
}
