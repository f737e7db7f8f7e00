using System.Globalization;

namespace Sealos.Node.Stats;

/// <summary>Reads what the machine as a whole uses from <c>/proc</c>.</summary>
internal static class MachineUsage
{
    private const ulong NanosecondsPerTick = 10_000_000;
    private const int IdleField = 4;
    private const int WaitField = 5;
    private const int LastField = 8;

    /// <summary>Measures now.</summary>
    public static NodeUsage Measure(string nodeName, string dataRoot, DateTimeOffset now, CpuRates rates)
    {
        var total = BusyNanoseconds(File.ReadAllText("/proc/stat"));
        var drive = Directory.Exists(dataRoot) ? new DriveInfo(dataRoot) : null;
        return new NodeUsage(
            nodeName,
            new Cpu(now, rates.Next("", total, now), total),
            MemoryOf(File.ReadAllText("/proc/meminfo"), now),
            NetworkOf(File.ReadAllText("/proc/net/route"), File.ReadAllText("/proc/net/dev"), now),
            drive is null ? null : new FileSystem(now, (ulong)drive.AvailableFreeSpace, (ulong)drive.TotalSize, (ulong)(drive.TotalSize - drive.TotalFreeSpace)));
    }

    /// <summary>Time that all cores together were not idle.</summary>
    internal static ulong BusyNanoseconds(string stat)
    {
        // user nice system idle iowait irq softirq steal; guest time is in user already.
        var fields = stat[..stat.IndexOf('\n')].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (ulong)Enumerable.Range(1, LastField).Where(i => i is not IdleField and not WaitField).Sum(i => (long)Number(fields[i])) * NanosecondsPerTick;
    }

    /// <summary>Memory of the machine; what the kernel could give back counts as available.</summary>
    internal static Memory MemoryOf(string memInfo, DateTimeOffset now)
    {
        var values = memInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(p => p[0], p => Number(p[1]) * 1024);
        var (total, available) = (values["MemTotal"], values["MemAvailable"]);
        return new Memory(now, available, total - values["MemFree"], total - available, values["AnonPages"]);
    }

    /// <summary>Traffic of the interface that the default route uses.</summary>
    internal static Network? NetworkOf(string routes, string devices, DateTimeOffset now)
    {
        var name = routes.Split('\n').Skip(1).Select(l => l.Split('\t')).FirstOrDefault(f => f.Length > 1 && f[1] == "00000000")?[0];
        var line = devices.Split('\n').Select(l => l.Split(':', 2)).FirstOrDefault(p => p.Length == 2 && p[0].Trim() == name);
        if (name is null || line is null)
        {
            return null;
        }

        var fields = line[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new Network(now, name, Number(fields[0]), Number(fields[2]), Number(fields[8]), Number(fields[10]));
    }

    private static ulong Number(string text) => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
