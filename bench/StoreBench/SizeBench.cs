using System.Diagnostics;
using System.Globalization;
using Sealos.Store;

/// <summary>What the number of objects does to a start, to single reads and writes, and to a backup.</summary>
internal static class SizeBench
{
    private const int ValueBytes = 2048;
    private const int Calls = 2000;

    public static string Head => "objects   file MiB  check+open ms  after kill ms  list all ms  get p50/p99 us  put p50/p99 ms  backup ms";

    public static async Task<string> RunAsync(string path, int objects)
    {
        foreach (var suffix in new[] { "", "-wal", "-shm", ".lock", ".spare", ".backup" })
        {
            File.Delete(path + suffix);
        }

        var options = new StoreOptions(path) { CompactionInterval = TimeSpan.Zero, FullCheckBytes = long.MaxValue };
        await FillAsync(options, objects);
        var (opened, store) = await OpenAsync(options);
        await using var last = store;
        var started = Stopwatch.GetTimestamp();
        var count = store.List("", null, null, 0).Count;
        var listed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var random = new Random(1);
        var gets = await MeasureAsync(() =>
        {
            store.Get(KeyOf(random.Next(count)));
            return Task.CompletedTask;
        });
        var value = new byte[ValueBytes];
        var puts = await MeasureAsync(() => store.PutAsync(KeyOf(random.Next(count)), value, null, CancellationToken.None));
        started = Stopwatch.GetTimestamp();
        await store.BackupAsync(path + ".backup", CancellationToken.None);
        var backup = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var killed = await OpenCopyAsync(path);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{objects,7} {new FileInfo(path).Length >> 20,10} {opened,14:F0} {killed,14:F0} {listed,12:F0} {gets[Calls / 2] * 1000,9:F0}/{gets[Calls * 99 / 100] * 1000,-5:F0} {puts[Calls / 2],9:F2}/{puts[Calls * 99 / 100],-5:F2} {backup,10:F0}");
    }

    private static string KeyOf(int i) => $"/registry/pods/ns-{i % 100}/pod-{i}";

    private static async Task FillAsync(StoreOptions options, int objects)
    {
        await using var store = await KeyValueStore.OpenAsync(options, CancellationToken.None);
        foreach (var chunk in Enumerable.Range(0, objects).Chunk(2000))
        {
            await Task.WhenAll(chunk.Select(i =>
            {
                var value = new byte[ValueBytes];
                Random.Shared.NextBytes(value);
                return store.PutAsync(KeyOf(i), value, null, CancellationToken.None);
            }));
        }
    }

    private static async Task<(double Milliseconds, KeyValueStore Store)> OpenAsync(StoreOptions options)
    {
        var started = Stopwatch.GetTimestamp();
        var store = await KeyValueStore.OpenAsync(options, CancellationToken.None);
        return (Stopwatch.GetElapsedTime(started).TotalMilliseconds, store);
    }

    // A copy of the file and its log as they are now is what a killed server leaves.
    private static async Task<double> OpenCopyAsync(string path)
    {
        foreach (var suffix in new[] { "", "-wal" })
        {
            await using var from = new FileStream(path + suffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using var to = new FileStream(path + ".killed" + suffix, FileMode.Create);
            await from.CopyToAsync(to);
        }

        var (opened, store) = await OpenAsync(new StoreOptions(path + ".killed") { FullCheckBytes = long.MaxValue });
        await store.DisposeAsync();
        return opened;
    }

    private static async Task<double[]> MeasureAsync(Func<Task> call)
    {
        var times = new double[Calls];
        for (var i = 0; i < Calls; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await call();
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }
}
