using System.Globalization;
using Sealos.Kinds.Core;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods.Config;

/// <summary>Security contexts as the runtime understands them. Pure.</summary>
internal static class SecurityMapping
{
    private const string AppArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

    private static readonly string[] MaskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    /// <summary>
    /// Capabilities that the runtime gives everybody and we give only who asks: sockets that forge packets, and device files. Ping
    /// works without.
    /// </summary>
    private static readonly string[] OnlyWhenAsked = ["MKNOD", "NET_RAW"];

    private static readonly string[] ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>Which namespaces a pod's containers share with each other or with the node.</summary>
    public static V1.NamespaceOption Namespaces(Pod pod) => new()
    {
        Network = pod.IsHostNetwork ? V1.NamespaceMode.Node : V1.NamespaceMode.Pod,
        Pid = pod.Spec?.HostPID == true ? V1.NamespaceMode.Node : pod.Spec?.ShareProcessNamespace == true ? V1.NamespaceMode.Pod : V1.NamespaceMode.Container,
        Ipc = pod.Spec?.HostIPC == true ? V1.NamespaceMode.Node : V1.NamespaceMode.Pod,
    };

    /// <summary>The sandbox's own context.</summary>
    public static V1.LinuxSandboxSecurityContext OfSandbox(Pod pod)
    {
        var context = pod.Spec?.SecurityContext;
        var result = new V1.LinuxSandboxSecurityContext
        {
            NamespaceOptions = Namespaces(pod),
            Privileged = pod.Containers.Concat(pod.InitContainers).Any(c => c.SecurityContext?.Privileged == true),
            Seccomp = new V1.SecurityProfile { ProfileType = V1.SecurityProfile.Types.ProfileType.RuntimeDefault },
            RunAsUser = Wrap(context?.RunAsUser),
            RunAsGroup = Wrap(context?.RunAsGroup),
            SelinuxOptions = SeLinux(context?.SeLinuxOptions),
        };
        result.SupplementalGroups.AddRange(Groups(context));
        result.SupplementalGroupsPolicy = GroupsPolicy(context);
        return result;
    }

    /// <summary>A container's context; what it does not say its pod says.</summary>
    /// <exception cref="ContainerStartException">It must not run as root but would, or cannot be known not to.</exception>
    public static V1.LinuxContainerSecurityContext OfContainer(Pod pod, Container container, V1.Image image)
    {
        var outer = pod.Spec?.SecurityContext;
        var inner = container.SecurityContext;
        var isPrivileged = inner?.Privileged == true;
        var result = new V1.LinuxContainerSecurityContext
        {
            NamespaceOptions = Namespaces(pod),
            Privileged = isPrivileged,
            ReadonlyRootfs = inner?.ReadOnlyRootFilesystem == true,
            NoNewPrivs = inner?.AllowPrivilegeEscalation == false && !isPrivileged,
            RunAsGroup = Wrap(inner?.RunAsGroup ?? outer?.RunAsGroup),
            SelinuxOptions = SeLinux(inner?.SeLinuxOptions ?? outer?.SeLinuxOptions),
            Seccomp = Seccomp(inner?.SeccompProfile ?? outer?.SeccompProfile, isPrivileged),
            Apparmor = AppArmor(AppArmorOf(pod, container)),
            Capabilities = new V1.Capability(),
        };
        result.Capabilities.AddCapabilities.AddRange(inner?.Capabilities?.Add ?? []);
        result.Capabilities.DropCapabilities.AddRange(inner?.Capabilities?.Drop ?? []);
        if (!isPrivileged && !result.Capabilities.DropCapabilities.Contains("ALL"))
        {
            result.Capabilities.DropCapabilities.AddRange(OnlyWhenAsked.Where(c => !IsAsked(inner?.Capabilities?.Add, c)).Except(result.Capabilities.DropCapabilities).ToList());
        }

        result.SupplementalGroups.AddRange(Groups(outer));
        result.SupplementalGroupsPolicy = GroupsPolicy(outer);
        if (!isPrivileged)
        {
            result.MaskedPaths.AddRange(MaskedPaths);
            result.ReadonlyPaths.AddRange(ReadonlyPaths);
        }

        SetUser(result, inner?.RunAsUser ?? outer?.RunAsUser, inner?.RunAsNonRoot ?? outer?.RunAsNonRoot ?? false, image);
        return result;
    }

    /// <summary>The profile a container asks for, in its field or in the annotation that was there before; null for none.</summary>
    public static AppArmorProfile? AppArmorOf(Pod pod, Container container) =>
        container.SecurityContext?.AppArmorProfile ?? pod.Spec?.SecurityContext?.AppArmorProfile ?? pod.Metadata.Annotations?.GetValueOrDefault(AppArmorAnnotation + container.Name) switch
        {
            null or "" => null,
            "runtime/default" => new AppArmorProfile { Type = "RuntimeDefault" },
            "unconfined" => new AppArmorProfile { Type = "Unconfined" },
            var profile => new AppArmorProfile { Type = "Localhost", LocalhostProfile = profile.StartsWith("localhost/", StringComparison.Ordinal) ? profile["localhost/".Length..] : profile },
        };

    private static bool IsAsked(List<string>? added, string capability) =>
        added?.Any(a => a.ToUpperInvariant() is "ALL" or "CAP_ALL" || a.Equals(capability, StringComparison.OrdinalIgnoreCase) || a.Equals("CAP_" + capability, StringComparison.OrdinalIgnoreCase)) == true;

    private static void SetUser(V1.LinuxContainerSecurityContext result, long? wanted, bool mustNotBeRoot, V1.Image image)
    {
        if (mustNotBeRoot)
        {
            Verify(wanted, image);
        }

        result.RunAsUser = Wrap(wanted) ?? image.Uid?.Clone();
        if (result.RunAsUser is null)
        {
            result.RunAsUsername = image.Username;
        }

        // The runtime refuses a group without a user.
        if (result.RunAsGroup is not null && result.RunAsUser is null && image.Username.Length == 0)
        {
            result.RunAsUser = Wrap(0);
        }
    }

    private static void Verify(long? wanted, V1.Image image)
    {
        if (wanted is 0)
        {
            throw ContainerStartException.Config("container's runAsUser breaks non-root policy");
        }

        if (wanted is not null)
        {
            return;
        }

        if (image.Username.Length > 0)
        {
            throw ContainerStartException.Config(string.Create(CultureInfo.InvariantCulture, $"container has runAsNonRoot and image has non-numeric user ({image.Username}), cannot verify user is non-root"));
        }

        if (image.Uid is null or { Value: 0 })
        {
            throw ContainerStartException.Config("container has runAsNonRoot and image will run as root");
        }
    }

    // Unset means the runtime's own profile, not none: isolation is on unless somebody asks otherwise.
    private static V1.SecurityProfile Seccomp(SeccompProfile? profile, bool isPrivileged) => profile?.Type switch
    {
        "Unconfined" => new V1.SecurityProfile { ProfileType = V1.SecurityProfile.Types.ProfileType.Unconfined },
        "Localhost" => new V1.SecurityProfile { ProfileType = V1.SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = profile.LocalhostProfile ?? "" },
        null when isPrivileged => new V1.SecurityProfile { ProfileType = V1.SecurityProfile.Types.ProfileType.Unconfined },
        _ => new V1.SecurityProfile { ProfileType = V1.SecurityProfile.Types.ProfileType.RuntimeDefault },
    };

    private static V1.SecurityProfile? AppArmor(AppArmorProfile? profile) => profile?.Type switch
    {
        null => null,
        "Unconfined" => new V1.SecurityProfile { ProfileType = V1.SecurityProfile.Types.ProfileType.Unconfined },
        "Localhost" => new V1.SecurityProfile { ProfileType = V1.SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = profile.LocalhostProfile ?? "" },
        _ => new V1.SecurityProfile { ProfileType = V1.SecurityProfile.Types.ProfileType.RuntimeDefault },
    };

    private static IEnumerable<long> Groups(PodSecurityContext? context) =>
        (context?.FsGroup is { } group ? [group] : Array.Empty<long>()).Concat(context?.SupplementalGroups ?? []);

    private static V1.SupplementalGroupsPolicy GroupsPolicy(PodSecurityContext? context) =>
        context?.SupplementalGroupsPolicy == "Strict" ? V1.SupplementalGroupsPolicy.Strict : V1.SupplementalGroupsPolicy.Merge;

    private static V1.SELinuxOption? SeLinux(SELinuxOptions? options) => options is null ? null
        : new V1.SELinuxOption { User = options.User ?? "", Role = options.Role ?? "", Type = options.Type ?? "", Level = options.Level ?? "" };

    private static V1.Int64Value? Wrap(long? value) => value is { } v ? new V1.Int64Value { Value = v } : null;
}
