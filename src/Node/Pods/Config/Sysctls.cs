using Sealos.Kinds.Core;

namespace Sealos.Node.Pods.Config;

/// <summary>Which kernel parameters a pod may set: those that belong to its own namespaces and cannot harm others. Pure.</summary>
internal static class Sysctls
{
    private static readonly HashSet<string> Safe = new(StringComparer.Ordinal)
    {
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    };

    /// <summary>Why the pod must be rejected, or null; <paramref name="allowed"/> are names the operator allows besides, which may end in <c>*</c>.</summary>
    public static string? FindForbidden(Pod pod, IReadOnlyList<string> allowed)
    {
        foreach (var sysctl in pod.Spec?.SecurityContext?.Sysctls ?? [])
        {
            var name = Normalize(sysctl.Name);
            if (!Safe.Contains(name) && !allowed.Any(a => Fits(name, Normalize(a))))
            {
                return $"forbidden sysctl: \"{name}\" not allowlisted";
            }

            if (pod.IsHostNetwork && name.StartsWith("net.", StringComparison.Ordinal))
            {
                return $"forbidden sysctl: \"{name}\" not allowed with host net enabled";
            }

            if (pod.Spec?.HostIPC == true && name.StartsWith("kernel.shm", StringComparison.Ordinal))
            {
                return $"forbidden sysctl: \"{name}\" not allowed with host ipc enabled";
            }
        }

        return null;
    }

    /// <summary>A parameter's name with dots, however it was written.</summary>
    public static string Normalize(string? name) => (name ?? "").Replace('/', '.');

    private static bool Fits(string name, string pattern) => pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;
}
