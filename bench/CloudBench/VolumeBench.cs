using System.Diagnostics;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>Small synced writes, and pgbench, on a claim's volume and in a folder of the disk below, by turns in one run.</summary>
internal static class VolumeBench
{
    private const int Block = 4096;
    private const int Blocks = 16 << 10;
    private static readonly int[] _writers = [1, 8];
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(int runs, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        using var client = await cloud.ConnectAsync(ct);
        var volume = Path.Combine(cloud.DataFolder, "volumes", await ClaimAsync(client, "default", "bench", ct));
        foreach (var writers in _writers)
        {
            Compare(volume, cloud.DataFolder, writers, runs, ct);
        }

        await PgBench.RunAsync(cloud, client, runs, ct);
    }

    public static double Median(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : 0;

    /// <summary>Makes a claim, and tells the name of its volume once it has one.</summary>
    public static async Task<string> ClaimAsync(KubeClient client, string ns, string name, CancellationToken ct)
    {
        var claim = await client.CreateAsync(
            new PersistentVolumeClaim
            {
                Metadata = new ObjectMeta { Name = name, Namespace = ns },
                Spec = new PersistentVolumeClaimSpec { AccessModes = ["ReadWriteOnce"], Resources = new VolumeResourceRequirements { Requests = new() { ["storage"] = Quantity.Parse("1Gi") } } },
            },
            ct);
        await Eventually.TrueAsync($"claim {name} is bound", async () => (claim = await client.GetAsync<PersistentVolumeClaim>(ns, name, ct)).Status?.Phase == "Bound", ct: ct);
        return claim.Spec!.VolumeName!;
    }

    private static void Compare(string volume, string disk, int writers, int turns, CancellationToken ct)
    {
        var (onVolume, onDisk, rates) = (new List<double>(), new List<double>(), new List<(double Volume, double Disk)>());
        for (var i = 0; i < turns; i++)
        {
            rates.Add((Measure(volume, writers, onVolume, ct), Measure(disk, writers, onDisk, ct)));
        }

        Figures.Head($"4 KiB writes at random places of 64 MiB, each synced, writers: {writers}; {turns} turns of {Turn.TotalSeconds:0} s");
        Figures.Row("on a volume", onVolume, "ms", $"{Median(rates.Select(r => r.Volume)):0}/s");
        Figures.Row("on the disk below", onDisk, "ms", $"{Median(rates.Select(r => r.Disk)):0}/s");
        Console.WriteLine($"ratio of the rates: {Median(rates.Select(r => r.Volume / r.Disk)):0.00}, the turns' median");
    }

    // The writes per second of all writers, each with a file and a thread of its own; how long each took is added to the samples.
    private static double Measure(string folder, int writers, List<double> samples, CancellationToken ct)
    {
        using var ready = new Barrier(writers);
        var (rate, mutex) = (0.0, new Lock());
        var threads = Enumerable.Range(0, writers).Select(i => new Thread(() =>
        {
            var (own, perSecond) = Write(Path.Combine(folder, $"bench-{i}.data"), ready, ct);
            lock (mutex)
            {
                samples.AddRange(own);
                rate += perSecond;
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return rate;
    }

    private static (List<double> Milliseconds, double PerSecond) Write(string path, Barrier ready, CancellationToken ct)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        var data = new byte[Block];
        Random.Shared.NextBytes(data);
        for (var i = 0; i < Blocks; i++)
        {
            RandomAccess.Write(file, data, (long)i * Block);
        }

        RandomAccess.FlushToDisk(file);
        ready.SignalAndWait(CancellationToken.None);
        var (start, samples) = (Stopwatch.GetTimestamp(), new List<double>());
        while (Stopwatch.GetElapsedTime(start) < Turn && !ct.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, data, (long)Random.Shared.Next(Blocks) * Block);
            RandomAccess.FlushToDisk(file);
            samples.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return (samples, samples.Count / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
