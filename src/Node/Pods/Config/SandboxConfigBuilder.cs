using System.Globalization;
using Sealos.Kinds.Core;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods.Config;

/// <summary>The sandbox that a pod wants. Pure.</summary>
internal sealed class SandboxConfigBuilder(NodeOptions options, ResolverConfig hostResolver)
{
    /// <summary>The longest name the kernel takes for a host.</summary>
    private const int MaxHostname = 64;

    /// <summary>Directory of a pod's container logs.</summary>
    public static string LogDirectory(string root, string ns, string name, string uid) => Path.Combine(root, $"{ns}_{name}_{uid}");

    /// <summary>The configuration of a pod's <paramref name="attempt"/>-th sandbox.</summary>
    public V1.PodSandboxConfig Build(Pod pod, uint attempt)
    {
        var config = new V1.PodSandboxConfig
        {
            Metadata = new V1.PodSandboxMetadata { Name = pod.Name, Namespace = pod.Namespace, Uid = pod.Uid, Attempt = attempt },
            LogDirectory = LogDirectory(options.PodLogsRoot, pod.Namespace, pod.Name, pod.Uid),
            DnsConfig = DnsSettings.Build(pod, options.ClusterDns?.ToString(), options.ClusterDomain, hostResolver),
            Linux = new V1.LinuxPodSandboxConfig
            {
                CgroupParent = ResourceMapping.CgroupOf(pod, options.CgroupParent),
                SecurityContext = SecurityMapping.OfSandbox(pod),
            },
        };
        if (!pod.IsHostNetwork)
        {
            config.Hostname = Hostname(pod);
        }

        config.Labels.Add(pod.Metadata.Labels ?? []);
        config.Labels[Keys.PodName] = pod.Name;
        config.Labels[Keys.PodNamespace] = pod.Namespace;
        config.Labels[Keys.PodUid] = pod.Uid;
        config.Annotations.Add(pod.Metadata.Annotations ?? []);
        config.Annotations[Keys.ConfigSource] = "api";
        config.Annotations[Keys.PodTerminationGrace] = (pod.Spec?.TerminationGracePeriodSeconds ?? PodFacts.DefaultGraceSeconds).ToString(CultureInfo.InvariantCulture);


        // After the pod's own: a namespace shares a shim with no other, whatever its pods say.
        config.Annotations[Keys.ShimGroup] = ShimGroup(pod);
        foreach (var sysctl in pod.Spec?.SecurityContext?.Sysctls ?? [])
        {
            config.Linux.Sysctls[Sysctls.Normalize(sysctl.Name)] = sysctl.Value ?? "";
        }

        return config;
    }

    // A shim makes one container at a time, so pods that start together need as many as the machine can start side by side.
    private static string ShimGroup(Pod pod) => $"{pod.Namespace}/{pod.Uid.Aggregate(0u, (sum, letter) => (sum * 31) + letter) % (2 * (uint)Environment.ProcessorCount)}";

    private string Hostname(Pod pod)
    {
        if (pod.Spec?.SetHostnameAsFQDN != true || pod.Spec.Subdomain is not { Length: > 0 } subdomain)
        {
            return pod.Hostname;
        }

        var full = $"{pod.Hostname}.{subdomain}.{pod.Namespace}.svc.{options.ClusterDomain}";
        return full.Length <= MaxHostname ? full : throw new ContainerStartException("CreatePodSandboxError", $"spec.setHostnameAsFQDN: {full} is longer than {MaxHostname} characters");
    }
}
