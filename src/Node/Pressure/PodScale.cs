using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Stats;

namespace Sealos.Node.Pressure;

/// <summary>Weighs pods: what each uses of memory, disk, files or processes. Folders are walked only when the disk is short.</summary>
internal sealed class PodScale(NodeStats stats, PodDirectories directories)
{
    /// <summary>What each of the pods uses of what a threshold is about.</summary>
    public async Task<IReadOnlyList<PodLoad>> WeighAsync(IReadOnlyList<Pod> pods, Threshold threshold, CancellationToken ct)
    {
        var measured = (await stats.SummaryAsync(ct).ConfigureAwait(false)).Pods.GroupBy(p => p.PodRef.Uid).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        return [.. pods.Select(p => new PodLoad(p, Usage(p, measured.GetValueOrDefault(p.Uid), threshold.Signal)))];
    }

    private long Usage(Pod pod, PodUsage? usage, string signal) => signal switch
    {
        Threshold.Memory => (long)(usage?.Memory?.WorkingSetBytes ?? 0),
        Threshold.Processes => (long)(usage?.ProcessStats?.ProcessCount ?? 0),
        Threshold.Inodes => Files(pod).LongCount() + (usage?.Containers.Concat(usage.NotRunning).Sum(c => (long)(c.Rootfs?.InodesUsed ?? 0)) ?? 0),
        _ => Files(pod).Sum(f => f.Length) + (usage?.Containers.Concat(usage.NotRunning).Sum(c => (long)(c.Rootfs?.UsedBytes ?? 0)) ?? 0),
    };

    // Volumes that are mounted from elsewhere are not this disk's.
    private IEnumerable<FileInfo> Files(Pod pod)
    {
        var inside = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        var folders = new[] { directories.LogsOf(pod) }.Concat(directories.EmptyDirsOf(pod));
        return folders.Where(Directory.Exists).SelectMany(f => new DirectoryInfo(f).EnumerateFiles("*", inside));
    }
}
