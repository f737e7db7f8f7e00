using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Apps;
using Sealos.OsServices.Users;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>A machine full of real apps of several kinds, each asked now and then for long: none may fail, and none may be started again.</summary>
internal static class SoakBench
{
    private const int AtOnce = 8;
    private const int FailuresShown = 10;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReportStep = TimeSpan.FromMinutes(5);
    private static readonly string Workspace = UserDirectory.WorkspaceOf(UserDirectory.AdminName);

    /// <summary>Whether all went well.</summary>
    public static async Task<bool> RunAsync(int count, TimeSpan length, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        using var client = await cloud.ConnectAsync(ct);
        await LoadAsync(cloud, ct);
        using var traffic = new SoakTraffic(cloud);
        var before = Available();
        var apps = await LaunchAsync(cloud, client, traffic, count, ct);
        var started = await RestartsAsync(client, ct);
        await Task.Delay(Settle, ct);

        var cpu = await Processes.CpuAsync(cloud, ct);
        await ReportingAsync(traffic, traffic.RunAsync(apps, length, ct), ct);
        PrintTraffic(traffic, count, length, cpu, await Processes.CpuAsync(cloud, ct));
        await PrintMemoryAsync(cloud, count, before - Available(), ct);
        await PodsBench.RestAsync(cloud, count, ct);
        return PrintOutcome(traffic, started, await RestartsAsync(client, ct));
    }

    private static async Task LoadAsync(Cloud cloud, CancellationToken ct)
    {
        foreach (var kind in SoakImages.All)
        {
            await cloud.SealosAsync(["image", "load", await kind.Image.ArchiveAsync(ct)], ct).OutputAsync();
        }
    }

    // Of each kind, every other app has an address, as far as the kind can.
    private static async Task<SoakApp[]> LaunchAsync(Cloud cloud, KubeClient client, SoakTraffic traffic, int count, CancellationToken ct)
    {
        var launchpad = new AppLaunchpad(client, cloud.Domain, TimeProvider.System);
        var apps = new SoakApp[count];
        var taken = new ConcurrentBag<(string Kind, double Milliseconds)>();
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (i, token) =>
        {
            var (turn, which) = Math.DivRem(i, SoakImages.All.Count);
            var kind = SoakImages.All[which];
            var began = Stopwatch.GetTimestamp();
            var form = kind.Form(string.Create(CultureInfo.InvariantCulture, $"{kind.Name}-{turn}"), kind.SpeaksHttp && turn % 2 == 0);
            var view = await launchpad.CreateAsync(Workspace, form, token);
            var service = await client.GetAsync<Service>(Workspace, form.Name, token);
            apps[i] = new SoakApp(form.Name, kind, view.Hosts.Count > 0 ? AppBench.Address(cloud, view.Hosts[0]) : null, new IPEndPoint(IPAddress.Parse(service.Spec!.ClusterIP!), kind.Port));
            await UntilAnsweredAsync(traffic, apps[i], token);
            taken.Add((kind.Name, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
        });
        Figures.Head($"soak: {count} apps, {AtOnce} at once; all answered {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s after the first was asked for");
        foreach (var kind in taken.GroupBy(t => t.Kind).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Figures.Row($"{kind.Key}, from the API call to the first answer", [.. kind.Select(t => t.Milliseconds)], "ms");
        }

        return apps;
    }

    private static async Task UntilAnsweredAsync(SoakTraffic traffic, SoakApp app, CancellationToken ct)
    {
        for (var start = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await traffic.AskAsync(app, ct);
                return;
            }
            catch (Exception e) when (!ct.IsCancellationRequested && SoakTraffic.IsFailure(e))
            {
                if (Stopwatch.GetElapsedTime(start) > Patience)
                {
                    throw new TimeoutException($"{app.Name} has not answered in {Patience.TotalMinutes:0} minutes: {e.Message}", e);
                }

                await Task.Delay(Between, ct);
            }
        }
    }

    private static async Task ReportingAsync(SoakTraffic traffic, Task run, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        while (await Task.WhenAny(run, Task.Delay(ReportStep, ct)) != run)
        {
            Console.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalMinutes,5:0} min  {traffic.Count} questions, {traffic.Failures.Count} failed");
        }

        await run;
    }

    private static void PrintTraffic(SoakTraffic traffic, int count, TimeSpan length, Dictionary<string, double> before, Dictionary<string, double> after)
    {
        Figures.Head($"soak: {count} apps, each asked every 10 s for {length.TotalMinutes:0} min; {traffic.Count} questions, {traffic.Failures.Count} failed");
        foreach (var (way, taken) in traffic.Answers)
        {
            Figures.Row(way, taken, "ms");
        }

        Console.WriteLine();
        Console.WriteLine("CPU while asked, percent of one core");
        foreach (var (name, seconds) in after)
        {
            Console.WriteLine($"{name,-20} {(seconds - before[name]) / length.TotalSeconds * 100,6:0.0}");
        }
    }

    private static async Task PrintMemoryAsync(Cloud cloud, int count, long less, CancellationToken ct)
    {
        MemoryBench.Print($"memory, {count} apps, MiB (at the end of the traffic)", [await Processes.AllMemoryAsync(cloud, ct)]);
        Console.WriteLine($"available memory is less by {less / 1024.0:0} MiB than before the apps, {less / 1024.0 / count:0.0} MiB each, the kernel's part with it; {Available() / 1024.0:0} MiB are left");
    }

    private static bool PrintOutcome(SoakTraffic traffic, Dictionary<string, int> before, Dictionary<string, int> after)
    {
        List<string> restarted =
        [
            .. after.Where(p => !before.TryGetValue(p.Key, out var had) || had != p.Value).Select(p => p.Key),
            .. before.Keys.Except(after.Keys).Select(name => $"{name} is gone"),
        ];
        Console.WriteLine();
        Console.WriteLine($"{traffic.Failures.Count} of {traffic.Count} questions failed; {restarted.Count} of {before.Count} pods were started again, are new or are gone since all had answered; {before.Values.Sum()} restarts before that");
        foreach (var line in traffic.Failures.Concat(restarted).Take(FailuresShown))
        {
            Console.WriteLine(line);
        }

        return traffic.Failures.IsEmpty && restarted.Count == 0;
    }

    // Of every pod of the cloud.
    private static async Task<Dictionary<string, int>> RestartsAsync(KubeClient client, CancellationToken ct) =>
        (await client.ListAsync<Pod>(null, null, ct)).Items.ToDictionary(p => $"{p.Metadata.Namespace}/{p.Metadata.Name}", p => p.Status?.ContainerStatuses?.Sum(c => c.RestartCount) ?? 0);

    private static long Available() => long.Parse(File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
