using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Node.Processes;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>
/// Pods' cgroups, below a parent of this cloud's own. Containers' cgroups inside are the runtime's; the pod's own holds the sums.
/// Works on cgroups version 1 (a tree for each controller) and 2 (one tree).
/// </summary>
/// <param name="options">Name the parent.</param>
/// <param name="mount">Where cgroups are mounted.</param>
/// <param name="remove">How a cgroup is removed; the files in it are the kernel's and go with it, which a test's folder cannot do.</param>
internal sealed partial class PodCgroups(NodeOptions options, string mount = "/sys/fs/cgroup", Action<string>? remove = null)
{
    private const long SharesPerCore = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _burstable = new(StringComparer.Ordinal);
    private readonly Action<string> _remove = remove ?? (p => Directory.Delete(p, recursive: false));
    private readonly bool _isUnified = File.Exists(Path.Combine(mount, "cgroup.controllers"));
    private readonly bool _hasPids = Path.Combine(mount, "cgroup.controllers") is var controllers && File.Exists(controllers) ? File.ReadAllText(controllers).Split().Contains("pids") : Directory.Exists(Path.Combine(mount, "pids"));
    private long _burstableShares;

    /// <summary>Whether this machine has cgroups version 2.</summary>
    public bool IsUnified => _isUnified;

    /// <summary>Makes the pod's cgroup, or adapts it.</summary>
    public void Ensure(Pod pod, bool isOneSandbox = false)
    {
        var limits = ResourceMapping.Of(pod, isOneSandbox);
        var path = ResourceMapping.CgroupOf(pod, options.CgroupParent);
        lock (_lock)
        {
            EnsureParents();
            Create(path);
            Apply(path, limits);
            LimitProcesses(path);
            if (PodQos.Of(pod) == PodQos.Burstable)
            {
                _burstableShares += limits.CpuShares - _burstable.GetValueOrDefault(pod.Uid);
                _burstable[pod.Uid] = limits.CpuShares;
                Apply($"{options.CgroupParent}/burstable", new CgroupLimits(Math.Max(2, _burstableShares), null, null));
            }
        }
    }

    /// <summary>Removes a pod's cgroup wherever it is; false when processes are still in it.</summary>
    public bool Remove(string uid)
    {
        lock (_lock)
        {
            if (_burstable.Remove(uid, out var shares))
            {
                _burstableShares -= shares;
            }

            var isGone = true;
            foreach (var qos in (string[])["", "burstable/", "besteffort/"])
            {
                foreach (var root in Roots())
                {
                    isGone &= RemoveTree($"{root}{options.CgroupParent}/{qos}pod{uid}");
                }
            }

            return isGone;
        }
    }

    /// <summary>Uids of pods that have a cgroup.</summary>
    public IReadOnlyCollection<string> List()
    {
        var result = new HashSet<string>(StringComparer.Ordinal);
        foreach (var directory in Roots().SelectMany(r => (string[])[$"{r}{options.CgroupParent}", $"{r}{options.CgroupParent}/burstable", $"{r}{options.CgroupParent}/besteffort"]).Where(Directory.Exists))
        {
            result.UnionWith(Directory.EnumerateDirectories(directory, "pod*").Select(d => Path.GetFileName(d)["pod".Length..]));
        }

        return result;
    }

    /// <summary>Removes every cgroup of this cloud; false when processes are still in one.</summary>
    public bool RemoveAll() => Roots().Select(r => RemoveTree($"{r}/{options.Instance}")).ToList().TrueForAll(b => b);

    /// <summary>Whether any process is in a cgroup of this cloud.</summary>
    public bool HasProcesses() => Processes().Any();

    /// <summary>Kills every process in the cgroups of this cloud; false when there was none.</summary>
    public bool KillAll()
    {
        var processes = Processes().Distinct().ToList();
        foreach (var process in processes)
        {
            _ = Signals.Send(process, Signals.Kill);
        }

        return processes.Count > 0;
    }

    // Our own process may be there too, if it was started from within; it is not to kill itself.
    private IEnumerable<int> Processes() =>
        Roots().Select(r => $"{r}/{options.Instance}").Where(Directory.Exists)
            .SelectMany(r => Directory.EnumerateFiles(r, "cgroup.procs", SearchOption.AllDirectories))
            .SelectMany(ReadProcesses)
            .Where(p => p != Environment.ProcessId);

    private static IEnumerable<int> ReadProcesses(string path)
    {
        try
        {
            return [.. File.ReadAllLines(path).Select(l => int.Parse(l, CultureInfo.InvariantCulture)).Where(p => p > 0)];
        }
        catch (IOException)
        {
            // The cgroup has just gone.
            return [];
        }
    }

    private void EnsureParents()
    {
        var all = new CgroupLimits(Environment.ProcessorCount * SharesPerCore, null, null);
        foreach (var (path, limits) in ((string, CgroupLimits)[])[($"/{options.Instance}", all), (options.CgroupParent, all), ($"{options.CgroupParent}/burstable", all), ($"{options.CgroupParent}/besteffort", new CgroupLimits(2, null, null))])
        {
            if (Create(path))
            {
                Apply(path, limits);
            }
        }
    }

    // Whether it was made just now.
    private bool Create(string path)
    {
        var isNew = false;
        foreach (var controller in _isUnified ? (string[])[""] : [.. (string[])["/cpu", "/memory"], .. _hasPids ? (string[])["/pids"] : []])
        {
            var directory = mount + controller + path;
            if (!Directory.Exists(directory))
            {
                if (_isUnified)
                {
                    Delegate(Path.GetDirectoryName(directory)!);
                }

                Directory.CreateDirectory(directory);
                isNew = true;
            }
        }

        return isNew;
    }

    // A cgroup's children have only the controllers that it passes on.
    private static void Delegate(string directory)
    {
        foreach (var controller in File.ReadAllText(Path.Combine(directory, "cgroup.controllers")).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            TryWrite(Path.Combine(directory, "cgroup.subtree_control"), "+" + controller);
        }
    }

    private void Apply(string path, CgroupLimits limits)
    {
        var quota = limits.CpuQuota?.ToString(CultureInfo.InvariantCulture);
        var memory = limits.MemoryBytes?.ToString(CultureInfo.InvariantCulture);
        if (_isUnified)
        {
            File.WriteAllText($"{mount}{path}/cpu.weight", ToWeight(limits.CpuShares).ToString(CultureInfo.InvariantCulture));
            File.WriteAllText($"{mount}{path}/cpu.max", $"{quota ?? "max"} {ResourceMapping.CpuPeriod}");
            File.WriteAllText($"{mount}{path}/memory.max", memory ?? "max");
            return;
        }

        File.WriteAllText($"{mount}/cpu{path}/cpu.shares", limits.CpuShares.ToString(CultureInfo.InvariantCulture));
        if (quota is not null)
        {
            File.WriteAllText($"{mount}/cpu{path}/cpu.cfs_period_us", ResourceMapping.CpuPeriod.ToString(CultureInfo.InvariantCulture));
        }

        File.WriteAllText($"{mount}/cpu{path}/cpu.cfs_quota_us", quota ?? "-1");
        File.WriteAllText($"{mount}/memory{path}/memory.limit_in_bytes", memory ?? "-1");
    }

    // A program that forks without end takes its own pod down, not the machine.
    private void LimitProcesses(string path)
    {
        if (_hasPids)
        {
            File.WriteAllText($"{mount}{(_isUnified ? "" : "/pids")}{path}/pids.max", options.PodProcesses.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Shares of version 1 (2 to 262144) on the scale of version 2 (1 to 10000).</summary>
    internal static long ToWeight(long shares) => 1 + ((shares - 2) * 9999 / 262_142);

    private IEnumerable<string> Roots() => _isUnified ? [mount]
        : Directory.EnumerateDirectories(mount).Where(d => new DirectoryInfo(d).LinkTarget is null);

    private bool RemoveTree(string path)
    {
        if (!Directory.Exists(path))
        {
            return true;
        }

        var isGone = true;
        foreach (var child in Directory.EnumerateDirectories(path).ToList())
        {
            isGone &= RemoveTree(child);
        }

        try
        {
            _remove(path);
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (IOException)
        {
            return false;
        }

        return isGone;
    }

    private static void TryWrite(string path, string value)
    {
        try
        {
            File.WriteAllText(path, value);
        }
        catch (IOException)
        {
            // A controller that cannot be passed on is one that this machine does not allow; its limits then fail by name.
        }
    }
}
