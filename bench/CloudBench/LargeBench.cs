using System.Diagnostics;
using Sealos.ControllerKit.Client;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>What many objects do to single calls, memory and a start: the same calls at 2,000 objects and at 100,000, in one run.</summary>
internal static class LargeBench
{
    private const int Few = 2_000;
    private const int Many = 100_000;
    private const int Calls = 3_000;

    public static async Task RunAsync(int runs, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        var clients = await ApiBench.ConnectAsync(cloud, ct);
        var server = await cloud.PidAsync("server", ct);
        Figures.Head($"one client, one call after the other, n = {Calls}");
        await ApiBench.FillAsync(clients, 0, Few, ct);
        await MeasureAsync(clients[0], Few, warm: true, ct);
        await MeasureAsync(clients[0], Few, warm: false, ct);
        var before = ApiBench.Memory(server);
        await ApiBench.FillAsync(clients, Few, Many, ct);
        await Task.Delay(TimeSpan.FromSeconds(5), ct);
        await MeasureAsync(clients[0], Many, warm: false, ct);
        Console.WriteLine($"server RssAnon, MiB: {before} with {Few} objects, {ApiBench.Memory(server)} with {Many}");
        clients.ForEach(c => c.Dispose());
        var starts = new List<double>();
        for (var i = 0; i < runs; i++)
        {
            starts.Add(await BootBench.DownAndUpAsync(cloud, ct));
        }

        Figures.Row($"sealos up with {Many} objects", starts, "s", "aim < 5");
        Console.WriteLine($"server RssAnon, MiB: {ApiBench.Memory(await cloud.PidAsync("server", ct))} right after that");
    }

    private static async Task MeasureAsync(KubeClient client, int objects, bool warm, CancellationToken ct)
    {
        foreach (var (name, call) in new (string, Func<int, Task>)[]
        {
            ("get", i => ApiBench.GetAsync(client, i, ct)),
            ("update", i => ApiBench.UpdateAsync(client, i, ct)),
        })
        {
            var times = new List<double>();
            for (var n = 0; n < Calls; n++)
            {
                var sent = Stopwatch.GetTimestamp();
                await call(Random.Shared.Next(objects));
                times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            if (!warm)
            {
                Figures.Row($"{name} with {objects} objects", times, "ms");
            }
        }
    }
}
