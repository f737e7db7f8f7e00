using System.Globalization;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>What a cloud's processes use. Shims are what containerd starts, one a pod.</summary>
internal static class Processes
{
    // What the kernel counts CPU time in.
    private const double TicksPerSecond = 100;

    private static readonly string[] _own = ["server", "edge", "containerd"];

    /// <summary>Memory by process.</summary>
    public static async Task<Dictionary<string, Memory>> MemoryAsync(Cloud cloud, CancellationToken ct)
    {
        var usage = new Dictionary<string, Memory>();
        foreach (var process in _own)
        {
            usage[process] = Memory.Of(await cloud.PidAsync(process, ct));
        }

        usage["server + edge"] = usage["server"] + usage["edge"];
        usage["shims"] = Shims(cloud).Select(Memory.Of).Aggregate(default(Memory), (a, b) => a + b);
        return usage;
    }

    /// <summary>Memory by process, and that of what runs in containers by the programs' names, with how many processes each has.</summary>
    public static async Task<Dictionary<string, Memory>> AllMemoryAsync(Cloud cloud, CancellationToken ct)
    {
        var usage = await MemoryAsync(cloud, ct);
        var own = Shims(cloud).ToHashSet();
        var inside = cloud.Processes().Where(p => LinuxProcess.Read(p, "status").Contains("VmRSS:", StringComparison.Ordinal) && LinuxProcess.Read(p, "stat") is { Length: > 0 } stat && IsBelow(own, Parent(stat)));
        foreach (var program in inside.GroupBy(p => LinuxProcess.Read(p, "comm").Trim()).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            usage[$"{program.Key} ({program.Count()} processes)"] = program.Select(Memory.Of).Aggregate(default(Memory), (a, b) => a + b);
        }

        return usage;
    }

    private static bool IsBelow(HashSet<int> shims, int pid) =>
        pid > 1 && (shims.Contains(pid) || (LinuxProcess.Read(pid, "stat") is { Length: > 0 } stat && IsBelow(shims, Parent(stat))));

    private static int Parent(string stat) => int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);

    private static IEnumerable<int> Shims(Cloud cloud) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let pid = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0
        where pid > 0 && CommandLine(pid) is var line && line.Contains("containerd-shim", StringComparison.Ordinal) && line.Contains(cloud.RunFolder, StringComparison.Ordinal)
        select pid;

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Seconds of CPU that each has used since it started.</summary>
    public static async Task<Dictionary<string, double>> CpuAsync(Cloud cloud, CancellationToken ct)
    {
        var seconds = new Dictionary<string, double>();
        foreach (var process in _own)
        {
            seconds[process] = Cpu(await cloud.PidAsync(process, ct));
        }

        seconds["shims"] = Shims(cloud).Sum(Cpu);
        return seconds;
    }

    private static double Cpu(int pid)
    {
        var text = File.ReadAllText($"/proc/{pid}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}

/// <summary>Kilobytes: resident, the part of it that no file backs, and resident with shared pages divided among their users.</summary>
internal readonly record struct Memory(long Resident, long Anonymous, long Proportional)
{
    public static Memory Of(int pid) => new(Read($"/proc/{pid}/status", "VmRSS:"), Read($"/proc/{pid}/status", "RssAnon:"), Read($"/proc/{pid}/smaps_rollup", "Pss:"));

    public static Memory operator +(Memory a, Memory b) => new(a.Resident + b.Resident, a.Anonymous + b.Anonymous, a.Proportional + b.Proportional);

    private static long Read(string path, string key) =>
        long.Parse(File.ReadLines(path).First(l => l.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
