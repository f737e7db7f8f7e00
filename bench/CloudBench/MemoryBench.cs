using System.Globalization;
using Sealos.OsServices.Apps;
using Sealos.OsServices.Users;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>Memory of the cloud's processes, idle and with apps. Shims are what containerd starts, one a pod.</summary>
internal static class MemoryBench
{
    private const int Apps = 100;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);
    private static readonly string[] Processes = ["server", "edge", "containerd"];

    public static async Task RunAsync(int runs, CancellationToken ct)
    {
        var idle = new List<Dictionary<string, Usage>>();
        for (var i = 1; i < runs; i++)
        {
            await using var cloud = await Cloud.StartAsync(ct);
            await Task.Delay(Settle, ct);
            idle.Add(await ReadAsync(cloud, ct));
        }

        await using var last = await Cloud.StartAsync(ct);
        await Task.Delay(Settle, ct);
        idle.Add(await ReadAsync(last, ct));
        Print($"memory, idle, MiB ({Settle.TotalSeconds:0} s after boot; median of {runs} boots)", idle);
        await LaunchAsync(last, ct);
        await Task.Delay(Settle, ct);
        Print($"memory, {Apps} apps, MiB ({Settle.TotalSeconds:0} s after the last answered; one boot)", [await ReadAsync(last, ct)]);
    }

    private static async Task LaunchAsync(Cloud cloud, CancellationToken ct)
    {
        using var client = await cloud.ConnectAsync(ct);
        using var browser = cloud.OpenBrowser();
        var launchpad = new AppLaunchpad(client, cloud.Domain, TimeProvider.System);
        await Parallel.ForAsync(0, Apps, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = ct }, async (i, token) =>
        {
            var app = await launchpad.CreateAsync(UserDirectory.WorkspaceOf(UserDirectory.AdminName), AppBench.Form($"app-{i}"), token);
            await AppBench.UntilAnsweredAsync(browser, AppBench.Address(cloud, app.Hosts[0]), token);
        });
    }

    private static async Task<Dictionary<string, Usage>> ReadAsync(Cloud cloud, CancellationToken ct)
    {
        var usage = new Dictionary<string, Usage>();
        foreach (var process in Processes)
        {
            usage[process] = Usage.Of(await cloud.PidAsync(process, ct));
        }

        usage["server + edge"] = usage["server"] + usage["edge"];
        usage["shims"] = Shims(cloud).Select(Usage.Of).Aggregate(new Usage(0, 0, 0), (a, b) => a + b);
        return usage;
    }

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

    private static void Print(string title, List<Dictionary<string, Usage>> samples)
    {
        Console.WriteLine();
        Machine.PrintLoad();
        Console.WriteLine($"{title,-72} {"RSS",8} {"RssAnon",8} {"PSS",8}");
        foreach (var name in samples[0].Keys)
        {
            var (resident, anonymous, share) = (Median(u => u.Resident), Median(u => u.Anonymous), Median(u => u.Proportional));
            Console.WriteLine($"{name,-72} {resident,8:0} {anonymous,8:0} {share,8:0}{(name == "server + edge" && title.Contains("idle", StringComparison.Ordinal) ? "  aim RSS < 250, RssAnon < 150" : "")}");

            double Median(Func<Usage, long> part) => samples.Select(s => part(s[name]) / 1024.0).Order().ElementAt(samples.Count / 2);
        }
    }

    /// <summary>Kilobytes: resident, the part of it that no file backs, and resident with shared pages divided among their users.</summary>
    private readonly record struct Usage(long Resident, long Anonymous, long Proportional)
    {
        public static Usage Of(int pid) => new(Read($"/proc/{pid}/status", "VmRSS:"), Read($"/proc/{pid}/status", "RssAnon:"), Read($"/proc/{pid}/smaps_rollup", "Pss:"));

        public static Usage operator +(Usage a, Usage b) => new(a.Resident + b.Resident, a.Anonymous + b.Anonymous, a.Proportional + b.Proportional);

        private static long Read(string path, string key) =>
            long.Parse(File.ReadLines(path).First(l => l.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
