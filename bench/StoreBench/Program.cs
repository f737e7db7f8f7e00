using System.Diagnostics;
using System.Globalization;
using Sealos.Store;

// Usage: Sealos.StoreBench [FOLDER] [SECONDS] [OBJECTS]; prints one line a measurement, then one for a store of each size up to OBJECTS.
var folder = args.Length > 0 ? args[0] : Directory.CreateTempSubdirectory("sealos-bench-").FullName;
var seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 3;
var path = Path.Combine(folder, "bench.db");
Console.WriteLine("writers  value     writes/s   p50 ms   p99 ms   max ms  watch lag p99 ms");
foreach (var (writers, valueBytes) in new[] { (1, 2048), (16, 2048), (64, 2048), (16, 16384) })
{
    foreach (var suffix in new[] { "", "-wal", "-shm", ".lock" })
    {
        File.Delete(path + suffix);
    }

    await using var store = await KeyValueStore.OpenAsync(new StoreOptions(path), CancellationToken.None);
    Console.WriteLine(await MeasureAsync(store, writers, valueBytes, seconds));
    var etcd = await EtcdPeer.StartAsync(folder, CancellationToken.None);
    Console.WriteLine(etcd is null ? "        (Debian's package etcd-server, for comparison, is not installed)" : await MeasureEtcdAsync(etcd, writers, valueBytes, seconds));
    if (etcd is not null)
    {
        etcd.Dispose();
        Directory.Delete(Path.Combine(folder, "etcd"), recursive: true);
    }
}

Console.WriteLine();
Console.WriteLine(SizeBench.Head);
var objects = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 100_000;
foreach (var count in new[] { 1_000, 10_000, 100_000, 1_000_000 }.Where(c => c <= objects))
{
    Console.WriteLine(await SizeBench.RunAsync(Path.Combine(folder, $"size-{count}.db"), count));
}

return 0;

static async Task<string> MeasureAsync(KeyValueStore store, int writers, int valueBytes, double seconds)
{
    using var stop = new CancellationTokenSource();
    var written = new long[4_000_000];
    var lags = new List<double>();
    var watching = WatchAsync(store, written, lags, stop.Token);
    var started = Stopwatch.GetTimestamp();
    var latencies = await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(() => WriteAsync(store, w, valueBytes, seconds, written))));
    var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
    await stop.CancelAsync();
    await watching;
    var all = latencies.SelectMany(l => l).Order().ToArray();
    lags.Sort();
    return string.Create(
        CultureInfo.InvariantCulture,
        $"{writers,7} {valueBytes,6} {all.Length / elapsed,12:F0} {all[all.Length / 2],8:F2} {all[all.Length * 99 / 100],8:F2} {all[^1],8:F2} {lags[lags.Count * 99 / 100],17:F2}");
}

static async Task<List<double>> WriteAsync(KeyValueStore store, int writer, int valueBytes, double seconds, long[] written)
{
    var value = new byte[valueBytes];
    Random.Shared.NextBytes(value);
    var latencies = new List<double>();
    var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
    for (var i = 0; Stopwatch.GetTimestamp() < end; i++)
    {
        var key = $"/registry/pods/ns-{writer}/pod-{i % 500}";
        var started = Stopwatch.GetTimestamp();
        var revision = await store.PutAsync(key, value, null, CancellationToken.None);
        latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        Interlocked.CompareExchange(ref written[revision], Stopwatch.GetTimestamp(), 0);
    }

    return latencies;
}

// The same writes to etcd, over its own protocol on loopback.
static async Task<string> MeasureEtcdAsync(EtcdPeer etcd, int writers, int valueBytes, double seconds)
{
    var started = Stopwatch.GetTimestamp();
    var end = started + (long)(seconds * Stopwatch.Frequency);
    var latencies = await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
    {
        var value = new byte[valueBytes];
        Random.Shared.NextBytes(value);
        var times = new List<double>();
        for (var i = 0; Stopwatch.GetTimestamp() < end; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            await etcd.PutAsync($"/registry/pods/ns-{w}/pod-{i % 500}", value, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }

        return times;
    })));
    var all = latencies.SelectMany(l => l).Order().ToArray();
    return string.Create(CultureInfo.InvariantCulture, $"{writers,7} {valueBytes,6} {all.Length / Stopwatch.GetElapsedTime(started).TotalSeconds,12:F0} {all[all.Length / 2],8:F2} {all[all.Length * 99 / 100],8:F2} {all[^1],8:F2}   etcd");
}

// The lag is how much later than its writer's answer a watcher sees an event; mostly it is earlier (0).
static async Task WatchAsync(KeyValueStore store, long[] written, List<double> lags, CancellationToken stop)
{
    try
    {
        await foreach (var e in store.Watch("", 0, stop))
        {
            var answered = Interlocked.CompareExchange(ref written[e.Revision], 1, 0);
            lags.Add(answered <= 1 ? 0 : Stopwatch.GetElapsedTime(answered).TotalMilliseconds);
        }
    }
    catch (OperationCanceledException)
    {
        // Measured enough.
    }
}
