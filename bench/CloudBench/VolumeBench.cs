using System.Diagnostics;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;
using Sealos.Testing;

namespace Sealos.Bench;

/// <summary>Small synced writes on a claim's volume and in a folder of the disk below, by turns in one run.</summary>
internal static class VolumeBench
{
    private const int Block = 4096;
    private const int Blocks = 16 << 10;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(int runs, CancellationToken ct)
    {
        await using var cloud = await Cloud.StartAsync(ct);
        using var client = await cloud.ConnectAsync(ct);
        var volume = Path.Combine(cloud.DataFolder, "volumes", await ClaimAsync(client, ct));
        var (onVolume, onDisk, rates) = (new List<double>(), new List<double>(), new List<(double Volume, double Disk)>());
        for (var i = 0; i < runs; i++)
        {
            rates.Add((Measure(volume, onVolume, ct), Measure(cloud.DataFolder, onDisk, ct)));
        }

        Figures.Head($"4 KiB writes at random places of 64 MiB, each synced, one writer, {runs} turns of {Turn.TotalSeconds:0} s");
        Figures.Row("on a volume", onVolume, "ms", $"{rates.Average(r => r.Volume):0}/s");
        Figures.Row("on the disk below", onDisk, "ms", $"{rates.Average(r => r.Disk):0}/s");
        Console.WriteLine($"ratio of the rates: {rates.Average(r => r.Volume) / rates.Average(r => r.Disk):0.00}");
    }

    private static async Task<string> ClaimAsync(KubeClient client, CancellationToken ct)
    {
        var claim = await client.CreateAsync(
            new PersistentVolumeClaim
            {
                Metadata = new ObjectMeta { Name = "bench", Namespace = "default" },
                Spec = new PersistentVolumeClaimSpec { AccessModes = ["ReadWriteOnce"], Resources = new VolumeResourceRequirements { Requests = new() { ["storage"] = Quantity.Parse("1Gi") } } },
            },
            ct);
        await Eventually.TrueAsync("the claim is bound", async () => (claim = await client.GetAsync<PersistentVolumeClaim>("default", "bench", ct)).Status?.Phase == "Bound", ct: ct);
        return claim.Spec!.VolumeName!;
    }

    // The writes per second; how long each took is added to the samples.
    private static double Measure(string folder, List<double> samples, CancellationToken ct)
    {
        var path = Path.Combine(folder, "bench.data");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        var data = new byte[Block];
        Random.Shared.NextBytes(data);
        for (var i = 0; i < Blocks; i++)
        {
            RandomAccess.Write(file, data, (long)i * Block);
        }

        RandomAccess.FlushToDisk(file);
        var (start, count) = (Stopwatch.GetTimestamp(), 0);
        while (Stopwatch.GetElapsedTime(start) < Turn && !ct.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, data, (long)Random.Shared.Next(Blocks) * Block);
            RandomAccess.FlushToDisk(file);
            samples.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            count++;
        }

        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
