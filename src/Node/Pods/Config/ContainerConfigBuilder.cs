using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods.Config;

/// <summary>What one start of a container needs besides its pod; gathered beforehand.</summary>
internal sealed record ContainerInputs
{
    public required V1.Image Image { get; init; }

    public required int RestartCount { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    public required IReadOnlyList<V1.Mount> Mounts { get; init; }

    public required V1.LinuxContainerResources Resources { get; init; }

    /// <summary>For an ephemeral container: the container whose processes it may see.</summary>
    public string? TargetContainerId { get; init; }

    /// <summary>Where Localhost seccomp profiles are.</summary>
    public required string SeccompRoot { get; init; }
}

/// <summary>The container that a pod wants, as the runtime is asked for it. Pure.</summary>
internal static class ContainerConfigBuilder
{
    public const string DefaultTerminationMessagePath = "/dev/termination-log";

    /// <summary>Changes when a running container no longer is what its pod says: only its image can change.</summary>
    public static string Hash(Container container) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(container.Name + "\n" + container.Image)), 0, 8);

    /// <summary>The configuration of one start.</summary>
    /// <exception cref="ContainerStartException">The pod asks for what cannot be.</exception>
    public static V1.ContainerConfig Build(Pod pod, Container container, ContainerInputs inputs)
    {
        string? Lookup(string name) => inputs.Environment.Where(e => e.Key == name).Select(e => e.Value).LastOrDefault();
        var config = new V1.ContainerConfig
        {
            Metadata = new V1.ContainerMetadata { Name = container.RequiredName, Attempt = (uint)inputs.RestartCount },
            Image = new V1.ImageSpec { Image = inputs.Image.Id, UserSpecifiedImage = container.Image ?? "" },
            WorkingDir = container.WorkingDir ?? "",
            LogPath = $"{container.Name}/{inputs.RestartCount.ToString(CultureInfo.InvariantCulture)}.log",
            Stdin = container.Stdin == true,
            StdinOnce = container.StdinOnce == true,
            Tty = container.Tty == true,
            Linux = new V1.LinuxContainerConfig { Resources = inputs.Resources, SecurityContext = SecurityMapping.OfContainer(pod, container, inputs.Image) },
        };
        config.Command.AddRange((container.Command ?? []).Select(c => Expansion.Expand(c, Lookup)));
        config.Args.AddRange((container.Args ?? []).Select(c => Expansion.Expand(c, Lookup)));
        config.Envs.AddRange(inputs.Environment.Select(e => new V1.KeyValue { Key = e.Key, Value = e.Value }));
        config.Mounts.AddRange(inputs.Mounts);
        AddIdentity(config, pod, container, inputs.RestartCount);
        Finish(config.Linux.SecurityContext, inputs);
        return config;
    }

    /// <summary>Whether what lies below a mount is to be read-only too.</summary>
    public static bool IsReadOnlyBelow(VolumeMount mount, bool canMountReadOnly) =>
        canMountReadOnly && mount.ReadOnly == true && mount.RecursiveReadOnly is "Enabled" or "IfPossible";

    /// <summary>The mount of a volume at <paramref name="hostPath"/>.</summary>
    public static V1.Mount MountOf(VolumeMount mount, string hostPath, bool canMountReadOnly = false) => new()
    {
        RecursiveReadOnly = IsReadOnlyBelow(mount, canMountReadOnly),
        ContainerPath = mount.MountPath is ['/', ..] path ? path : "/" + mount.MountPath,
        HostPath = hostPath,
        Readonly = mount.ReadOnly == true,
        Propagation = mount.MountPropagation switch
        {
            "HostToContainer" => V1.MountPropagation.HostToContainer,
            "Bidirectional" => V1.MountPropagation.Bidirectional,
            _ => V1.MountPropagation.Private,
        },
    };

    private static void AddIdentity(V1.ContainerConfig config, Pod pod, Container container, int restartCount)
    {
        config.Labels[Keys.ContainerName] = container.RequiredName;
        config.Labels[Keys.PodName] = pod.Name;
        config.Labels[Keys.PodNamespace] = pod.Namespace;
        config.Labels[Keys.PodUid] = pod.Uid;
        config.Annotations[Keys.Hash] = Hash(container);
        config.Annotations[Keys.RestartCount] = restartCount.ToString(CultureInfo.InvariantCulture);
        config.Annotations[Keys.TerminationMessagePath] = container.TerminationMessagePath ?? DefaultTerminationMessagePath;
        config.Annotations[Keys.TerminationMessagePolicy] = container.TerminationMessagePolicy ?? "File";
        config.Annotations[Keys.PodTerminationGrace] = (pod.Spec?.TerminationGracePeriodSeconds ?? PodFacts.DefaultGraceSeconds).ToString(CultureInfo.InvariantCulture);
        if (container.Ports is { Count: > 0 } ports)
        {
            config.Annotations[Keys.Ports] = JsonSerializer.Serialize(ports, KubeJson.Options);
        }

        if (container.Lifecycle?.PreStop is { } preStop)
        {
            config.Annotations[Keys.PreStopHandler] = JsonSerializer.Serialize(preStop, KubeJson.Options);
        }
    }

    private static void Finish(V1.LinuxContainerSecurityContext context, ContainerInputs inputs)
    {
        if (inputs.TargetContainerId is { } target)
        {
            context.NamespaceOptions.Pid = V1.NamespaceMode.Target;
            context.NamespaceOptions.TargetId = target;
        }

        if (context.Seccomp.ProfileType == V1.SecurityProfile.Types.ProfileType.Localhost)
        {
            context.Seccomp.LocalhostRef = LocalProfile(inputs.SeccompRoot, context.Seccomp.LocalhostRef);
        }
    }

    private static string LocalProfile(string root, string profile)
    {
        var path = Path.GetFullPath(Path.Combine(root, profile));
        return path.StartsWith(root + "/", StringComparison.Ordinal) ? path : throw ContainerStartException.Config($"seccompProfile.localhostProfile: \"{profile}\" is outside of the node's profiles");
    }
}
