using System.Globalization;
using Sealos.Node.Gvisor;

namespace Sealos.Node.Containerd;

/// <summary>What this machine allows, as far as the runtime's configuration depends on it.</summary>
/// <param name="CanLowerOomScore">Whether oom_score_adj can be set below our own.</param>
/// <param name="HasGvisor">Whether gVisor was added as a runtime.</param>
/// <param name="HasUnifiedCgroups">Whether cgroups are version 2.</param>
internal sealed record MachineFeatures(bool CanLowerOomScore, bool HasGvisor, bool HasUnifiedCgroups)
{
    private const int CapSysResource = 24;

    /// <summary>Whether AppArmor confines programs here.</summary>
    public static bool HasAppArmor => Says("/sys/module/apparmor/parameters/enabled", 'Y');

    /// <summary>Whether SELinux labels mean something here.</summary>
    public bool HasSelinux { get; init; }

    /// <summary>Looks at this machine.</summary>
    public static MachineFeatures Detect(NodeOptions options) => new(
        HasCapability(File.ReadAllText("/proc/self/status"), CapSysResource),
        GvisorRuntime.IsInstalledIn(options.GvisorRoot),
        File.Exists("/sys/fs/cgroup/cgroup.controllers"))
    {
        HasSelinux = File.Exists("/sys/fs/selinux/enforce"),
    };

    private static bool Says(string path, char answer) => File.Exists(path) && File.ReadAllText(path).StartsWith(answer);

    /// <summary>Whether the effective set in <c>/proc/self/status</c> has a capability.</summary>
    internal static bool HasCapability(string status, int capability)
    {
        var line = status.Split('\n').FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        return line is not null
            && ulong.TryParse(line["CapEff:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var set)
            && (set >> capability & 1) == 1;
    }
}
