using System.Globalization;
using System.Runtime.InteropServices;

namespace Sealos.Bench;

/// <summary>What the figures were taken on; a figure without it says nothing.</summary>
internal static class Machine
{
    public static void Print(string what)
    {
        var cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1] ?? "unknown CPU";
        var memory = long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 20;
        Console.WriteLine($"bench/run {what}   {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC");
        Console.WriteLine($"{cpu}, {Environment.ProcessorCount} cores, {memory} GiB; {RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}");
        PrintLoad();
    }

    /// <summary>Who else works on the machine shows in its load average, and spoils the figures.</summary>
    public static void PrintLoad() => Console.WriteLine($"load average {File.ReadAllText("/proc/loadavg").Trim()}");
}
