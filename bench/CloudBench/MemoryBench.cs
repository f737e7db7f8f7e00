using Sealos.OsServices.Apps;
using Sealos.OsServices.Users;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>Memory of the cloud's processes, idle and with apps. Shims are what containerd starts, one a pod.</summary>
internal static class MemoryBench
{
    private const int Apps = 100;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(int runs, CancellationToken ct)
    {
        var idle = new List<Dictionary<string, Memory>>();
        for (var i = 1; i < runs; i++)
        {
            await using var cloud = await Cloud.StartAsync(ct);
            await Task.Delay(Settle, ct);
            idle.Add(await Processes.MemoryAsync(cloud, ct));
        }

        await using var last = await Cloud.StartAsync(ct);
        await Task.Delay(Settle, ct);
        idle.Add(await Processes.MemoryAsync(last, ct));
        Print($"memory, idle, MiB ({Settle.TotalSeconds:0} s after boot; median of {runs} boots)", idle);
        await LaunchAsync(last, ct);
        await Task.Delay(Settle, ct);
        Print($"memory, {Apps} apps, MiB ({Settle.TotalSeconds:0} s after the last answered; one boot)", [await Processes.MemoryAsync(last, ct)]);
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

    public static void Print(string title, List<Dictionary<string, Memory>> samples)
    {
        Console.WriteLine();
        Machine.PrintLoad();
        Console.WriteLine($"{title,-72} {"RSS",8} {"RssAnon",8} {"PSS",8}");
        foreach (var name in samples[0].Keys)
        {
            var (resident, anonymous, share) = (Median(u => u.Resident), Median(u => u.Anonymous), Median(u => u.Proportional));
            Console.WriteLine($"{name,-72} {resident,8:0} {anonymous,8:0} {share,8:0}{(name == "server + edge" && title.Contains("idle", StringComparison.Ordinal) ? "  aim RSS < 250, RssAnon < 150" : "")}");

            double Median(Func<Memory, long> part) => samples.Select(s => part(s[name]) / 1024.0).Order().ElementAt(samples.Count / 2);
        }
    }
}
