using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

internal sealed partial class PodCgroups
{
    // Version 1 writes no limit as the greatest number of pages.
    private const long Unlimited = 1L << 62;

    /// <summary>What the kernel has for a container of the pod, on the scale of version 1; null when it has no cgroup.</summary>
    public CgroupLimits? Read(Pod pod, string containerId) => Read($"{ResourceMapping.CgroupOf(pod, options.CgroupParent)}/{containerId}");

    /// <summary>How much memory a container uses now, or 0 when that cannot be told.</summary>
    public long MemoryOf(Pod pod, string containerId)
    {
        var path = $"{ResourceMapping.CgroupOf(pod, options.CgroupParent)}/{containerId}";
        return ReadNumber(_isUnified ? $"{mount}{path}/memory.current" : $"{mount}/memory{path}/memory.usage_in_bytes") ?? 0;
    }

    /// <summary>Gives the pod's own cgroup whichever is more of what it has and what it shall have.</summary>
    public void Widen(Pod pod)
    {
        var path = ResourceMapping.CgroupOf(pod, options.CgroupParent);
        lock (_lock)
        {
            if (Read(path) is { } has)
            {
                var wanted = ResourceMapping.Of(pod);
                Apply(path, new CgroupLimits(Math.Max(has.CpuShares, wanted.CpuShares), Wider(has.CpuQuota, wanted.CpuQuota), Wider(has.MemoryBytes, wanted.MemoryBytes)));
            }
        }
    }

    /// <summary>
    /// Takes the limit of processor time from a pod whose processes have been killed: to end costs time as well, and thousands that share half a
    /// core take minutes for it. They have no say any more in what they do with it.
    /// </summary>
    public void LiftQuota(Pod pod)
    {
        var path = ResourceMapping.CgroupOf(pod, options.CgroupParent);
        var root = _isUnified ? mount + path : $"{mount}/cpu{path}";
        if (!Directory.Exists(root))
        {
            return;
        }

        // Parents first: version 1 gives no child more than they have.
        foreach (var directory in Directory.EnumerateDirectories(root).Prepend(root))
        {
            TryWrite(Path.Combine(directory, _isUnified ? "cpu.max" : "cpu.cfs_quota_us"), _isUnified ? "max" : "-1");
        }
    }

    /// <summary>Weight of version 2 back on the scale of version 1.</summary>
    internal static long ToShares(long weight) => (((weight - 1) * 262_142) + 9998) / 9999 + 2;

    private static long? Wider(long? one, long? other) => one is { } a && other is { } b ? Math.Max(a, b) : null;

    private CgroupLimits? Read(string path)
    {
        if (_isUnified)
        {
            return ReadNumber($"{mount}{path}/cpu.weight") is { } weight && ReadWords($"{mount}{path}/cpu.max") is [var max, ..] words
                ? new CgroupLimits(ToShares(weight), Quota(Number(max), words.Length > 1 ? Number(words[1]) : null), ReadNumber($"{mount}{path}/memory.max"))
                : null;
        }

        return ReadNumber($"{mount}/cpu{path}/cpu.shares") is { } shares && ReadNumber($"{mount}/memory{path}/memory.limit_in_bytes") is { } memory
            ? new CgroupLimits(shares, Quota(ReadNumber($"{mount}/cpu{path}/cpu.cfs_quota_us"), ReadNumber($"{mount}/cpu{path}/cpu.cfs_period_us")), memory < Unlimited ? memory : null)
            : null;
    }

    private static long? Quota(long? quota, long? period) =>
        quota is > 0 ? period is > 0 and not ResourceMapping.CpuPeriod ? quota * ResourceMapping.CpuPeriod / period : quota : null;

    private static long? ReadNumber(string path) => ReadWords(path) is [var word, ..] ? Number(word) : null;

    private static long? Number(string word) => long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string[] ReadWords(string path)
    {
        try
        {
            return File.ReadAllText(path).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            // The container has just gone, or this runtime makes no cgroup for it.
            return [];
        }
    }
}
