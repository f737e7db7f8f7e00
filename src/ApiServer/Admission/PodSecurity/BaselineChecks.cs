using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using static Sealos.ApiServer.Admission.PodSecurity.SecuritySubject;

namespace Sealos.ApiServer.Admission.PodSecurity;

/// <summary>What the level baseline does not allow: the known ways to get more than the pod's own.</summary>
internal static class BaselineChecks
{
    private const string AppArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";
    private const string SeccompAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
    private const string ContainerSeccompAnnotation = "container.seccomp.security.alpha.kubernetes.io/";
    private static readonly string[] HostNamespaceFields = ["hostNetwork", "hostPID", "hostIPC"];
    private static readonly string[] GoodProfiles = ["Localhost", "RuntimeDefault"];

    private static readonly string[] GoodCapabilities =
        ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"];

    // Settings of the kernel that reach no further than the pod, with the version since which that is held.
    private static readonly Dictionary<string, int> GoodSysctls = new(StringComparer.Ordinal)
    {
        ["kernel.shm_rmid_forced"] = 0,
        ["net.ipv4.ip_local_port_range"] = 0,
        ["net.ipv4.tcp_syncookies"] = 0,
        ["net.ipv4.ping_group_range"] = 0,
        ["net.ipv4.ip_unprivileged_port_start"] = 0,
        ["net.ipv4.ip_local_reserved_ports"] = 27,
        ["net.ipv4.tcp_keepalive_time"] = 29,
        ["net.ipv4.tcp_fin_timeout"] = 29,
        ["net.ipv4.tcp_keepalive_intvl"] = 29,
        ["net.ipv4.tcp_keepalive_probes"] = 29,
        ["net.ipv4.tcp_rmem"] = 32,
        ["net.ipv4.tcp_wmem"] = 32,
    };

    public static SecurityFinding? AppArmor(SecuritySubject pod)
    {
        static bool IsBad(JsonObject? context) => context.Child("appArmorProfile") is { } profile && !GoodProfiles.Contains(profile.Text("type"));
        var isPodBad = IsBad(pod.Context);
        var containers = pod.Where(c => IsBad(c.Child("securityContext")));
        var values = Types(pod, isPodBad, "appArmorProfile", IsBad);
        var annotations = (pod.Annotations ?? []).Where(a => a.Key.StartsWith(AppArmorAnnotation, StringComparison.Ordinal) && !IsGoodAppArmor(a.Value.AsText() ?? ""))
            .Select(a => $"{a.Key}=\"{a.Value.AsText()}\"").Order(StringComparer.Ordinal).ToList();
        var setters = new List<string>();
        if (isPodBad || containers.Count > 0)
        {
            setters.Add(Setters(isPodBad, containers));
        }

        if (annotations.Count > 0)
        {
            setters.Add(Plural("annotation", "annotations", annotations.Count));
            values.AddRange(annotations);
        }

        return setters.Count == 0
            ? null
            : new(Plural("forbidden AppArmor profile", "forbidden AppArmor profiles", values.Count), $"{string.Join(" and ", setters)} must not set AppArmor profile type to {Quote(values)}");
    }

    public static SecurityFinding? Capabilities(SecuritySubject pod)
    {
        static IEnumerable<string> Bad(JsonObject container) => container.Child("securityContext", "capabilities").Texts("add").Where(c => !GoodCapabilities.Contains(c));
        var containers = pod.Where(c => Bad(c).Any());
        return containers.Count == 0
            ? null
            : new("non-default capabilities", $"{Named(containers)} must not include {Quote(Sorted(pod.Containers.SelectMany(Bad)))} in securityContext.capabilities.add");
    }

    public static SecurityFinding? HostNamespaces(SecuritySubject pod)
    {
        var set = HostNamespaceFields.Where(field => pod.Spec.Flag(field) == true).Select(field => field + "=true").ToList();
        return set.Count == 0 ? null : new("host namespaces", string.Join(", ", set));
    }

    public static SecurityFinding? HostPaths(SecuritySubject pod)
    {
        var volumes = pod.Spec.Objects("volumes").Where(v => v["hostPath"] is not null).Select(v => v.Text("name") ?? "").ToList();
        return volumes.Count == 0 ? null : new("hostPath volumes", $"{Plural("volume", "volumes", volumes.Count)} {Quote(volumes)}");
    }

    public static SecurityFinding? HostPorts(SecuritySubject pod)
    {
        static IEnumerable<string> Bad(JsonObject container) =>
            container.Objects("ports").Select(p => p.Number("hostPort") ?? 0).Where(p => p != 0).Select(p => p.ToString(CultureInfo.InvariantCulture));
        var containers = pod.Where(c => Bad(c).Any());
        var ports = Sorted(pod.Containers.SelectMany(Bad));
        return containers.Count == 0
            ? null
            : new("hostPort", $"{Named(containers)} {Plural("uses", "use", containers.Count)} {Plural("hostPort", "hostPorts", ports.Count)} {string.Join(", ", ports)}");
    }

    public static SecurityFinding? Privileged(SecuritySubject pod)
    {
        var containers = pod.Where(c => c.Child("securityContext").Flag("privileged") == true);
        return containers.Count == 0 ? null : new("privileged", $"{Named(containers)} must not set securityContext.privileged=true");
    }

    public static SecurityFinding? ProcMount(SecuritySubject pod)
    {
        static string? Bad(JsonObject container) => container.Child("securityContext").Text("procMount") is { } type && type != "Default" ? type : null;
        var containers = pod.Where(c => Bad(c) is not null);
        return containers.Count == 0
            ? null
            : new("procMount", $"{Named(containers)} must not set securityContext.procMount to {Quote(Sorted(pod.Containers.Select(Bad).OfType<string>()))}");
    }

    public static SecurityFinding? Selinux(SecuritySubject pod, LevelVersion version)
    {
        bool IsBadType(string type) => type is not ("" or "container_t" or "container_init_t" or "container_kvm_t") && !(type == "container_engine_t" && version.IsAtLeast(31));
        bool IsBad(JsonObject? context) => context.Child("seLinuxOptions") is { } options
            && (IsBadType(options.Text("type") ?? "") || options.Text("user") is { Length: > 0 } || options.Text("role") is { Length: > 0 });
        var isPodBad = IsBad(pod.Context);
        var containers = pod.Where(c => IsBad(c.Child("securityContext")));
        if (!isPodBad && containers.Count == 0)
        {
            return null;
        }

        var options = pod.Containers.Select(c => c.Child("securityContext")).Append(pod.Context).Select(c => c.Child("seLinuxOptions")).OfType<JsonObject>().ToList();
        var types = Sorted(options.Select(o => o.Text("type") ?? "").Where(IsBadType));
        var said = new List<string>();
        if (types.Count > 0)
        {
            said.Add($"{Plural("type", "types", types.Count)} {Quote(types)}");
        }

        said.AddRange(new[] { "user", "role" }.Where(field => options.Any(o => o.Text(field) is { Length: > 0 })).Select(field => $"{field} may not be set"));
        return new("seLinuxOptions", $"{Setters(isPodBad, containers)} set forbidden securityContext.seLinuxOptions: {string.Join("; ", said)}");
    }

    public static SecurityFinding? Seccomp(SecuritySubject pod, LevelVersion version) => version.IsAtLeast(19) ? BadSeccomp(pod) : OldSeccomp(pod);

    /// <summary>Profiles that were set, and to something that confines nothing.</summary>
    public static SecurityFinding? BadSeccomp(SecuritySubject pod)
    {
        static bool IsBad(JsonObject? context) => context.Child("seccompProfile") is { } profile && !GoodProfiles.Contains(profile.Text("type"));
        var isPodBad = IsBad(pod.Context);
        var containers = pod.Where(c => IsBad(c.Child("securityContext")));
        return !isPodBad && containers.Count == 0
            ? null
            : new("seccompProfile", $"{Setters(isPodBad, containers)} must not set securityContext.seccompProfile.type to {Quote(Types(pod, isPodBad, "seccompProfile", IsBad))}");
    }

    public static SecurityFinding? Sysctls(SecuritySubject pod, LevelVersion version)
    {
        var bad = pod.Context.Objects("sysctls").Select(s => s.Text("name") ?? "").Where(name => !GoodSysctls.TryGetValue(name, out var since) || !version.IsAtLeast(since)).ToList();
        return bad.Count == 0 ? null : new("forbidden sysctls", string.Join(", ", bad));
    }

    public static SecurityFinding? HostProcess(SecuritySubject pod)
    {
        static bool IsBad(JsonObject? context) => context.Child("windowsOptions").Flag("hostProcess") == true;
        var isPodBad = IsBad(pod.Context);
        var containers = pod.Where(c => IsBad(c.Child("securityContext")));
        return !isPodBad && containers.Count == 0
            ? null
            : new("hostProcess", $"{Setters(isPodBad, containers)} must not set securityContext.windowsOptions.hostProcess=true");
    }

    private static SecurityFinding? OldSeccomp(SecuritySubject pod)
    {
        var names = pod.Containers.Select(c => ContainerSeccompAnnotation + c.Text("name")).Prepend(SeccompAnnotation);
        var bad = Sorted(names.Where(name => pod.Annotations.Text(name) is { } value && value is not ("runtime/default" or "docker/default") && !value.StartsWith("localhost/", StringComparison.Ordinal))
            .Select(name => $"{name}=\"{pod.Annotations.Text(name)}\""));
        return bad.Count == 0 ? null : new("seccompProfile", $"forbidden {Plural("annotation", "annotations", bad.Count)} {string.Join(", ", bad)}");
    }

    private static bool IsGoodAppArmor(string profile) => profile is "" or "runtime/default" || profile.StartsWith("localhost/", StringComparison.Ordinal);

    private static List<string> Types(SecuritySubject pod, bool isPodBad, string profile, Func<JsonObject?, bool> isBad) =>
        Sorted(pod.Containers.Select(c => c.Child("securityContext")).Where(isBad).Concat(isPodBad ? [pod.Context] : []).Select(c => c.Child(profile).Text("type") ?? ""));

    private static List<string> Sorted(IEnumerable<string> values) => [.. values.Distinct().Order(StringComparer.Ordinal)];
}
