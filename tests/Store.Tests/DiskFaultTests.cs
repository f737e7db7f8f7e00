using System.Text;
using Sealos.Store.Tests.Disks;
using Xunit;

namespace Sealos.Store.Tests;

/// <summary>A disk that loses power, tears writes, is full, broken or read-only: nothing acknowledged is lost, nothing half is kept.</summary>
public class DiskFaultTests
{
    // SQLite's codes as a disk's layer answers them.
    private const int Full = 13;
    private const int ReadOnly = 8;
    private const int WriteFailed = 778;
    private const int SyncFailed = 1034;
    private const int ReadFailed = 266;

    /// <summary>How many crashes of each kind are made up; 0 makes up one at every operation.</summary>
    private static readonly int Samples = int.TryParse(Environment.GetEnvironmentVariable("SEALOS_TEST_CRASHES"), out var samples) ? samples : 60;

    private static StoreOptions OptionsOf(FaultyDisk disk) => new(disk.StorePath) { CompactionInterval = TimeSpan.Zero, ReserveBytes = 0 };

    private static byte[] Bytes(int count) => Encoding.ASCII.GetBytes(new string('v', count));

    [Fact]
    public async Task CrashAtAnyOperation_ReopensWithEverythingAcknowledged()
    {
        using var disk = new FaultyDisk();
        var history = new History(disk);
        for (var run = 0; run < 3; run++)
        {
            await using var store = await KeyValueStore.OpenAsync(OptionsOf(disk), CancellationToken.None);
            await history.WriteAsync(store, run * 60, 60);
        }

        Assert.True(disk.Count > 500, $"only {disk.Count} operations");
        var random = new Random(11);
        for (var i = 0; i < (Samples == 0 ? disk.Count : Samples); i++)
        {
            // The first ones make the file, which happens once.
            var at = Samples == 0 ? i : i < 10 ? random.Next(40) : random.Next(disk.Count);
            await history.VerifyAsync(disk.Materialize(disk.Killed(at, random), $"kill-{i}"), at, $"killed at {at}");
            await history.VerifyAsync(disk.Materialize(disk.PowerLost(at, random), $"power-{i}"), at, $"power lost at {at}");
        }
    }

    [Theory]
    [InlineData(DiskStep.Write, Full, true)]
    [InlineData(DiskStep.Write, ReadOnly, false)]
    [InlineData(DiskStep.Write, WriteFailed, false)]
    [InlineData(DiskStep.Sync, SyncFailed, false)]
    [InlineData(DiskStep.Truncate, WriteFailed, false)]
    [InlineData(DiskStep.Read, ReadFailed, false)]
    internal async Task FaultAtAnyStep_IsToldAsSuch_AndHealsWithoutARestart(DiskStep step, int code, bool isDiskFull)
    {
        var random = new Random(code);
        for (var sample = 0; sample < 8; sample++)
        {
            using var disk = new FaultyDisk();
            var left = random.Next(30);
            var told = new List<StoreException>();
            var expected = new Dictionary<string, HashSet<string>>();
            await using (var store = await KeyValueStore.OpenAsync(OptionsOf(disk), CancellationToken.None))
            {
                disk.Fault = (s, _) => s == step && Interlocked.Decrement(ref left) < 0 ? code : 0;
                await WriteAsync(store, expected, told, 40);
                if (told.Count > 0 && step != DiskStep.Read)
                {
                    AssertHolds(expected, store);
                }

                disk.Fault = null;
                var healed = new List<StoreException>();
                await WriteAsync(store, expected, healed, 20);
                Assert.Empty(healed);
                AssertHolds(expected, store);
            }

            Assert.All(told, t => Assert.Equal((true, isDiskFull, false), (t.IsTransient, t.IsDiskFull, t.IsDamaged)));
            var image = disk.Materialize(disk.PowerLost(disk.Count, random), $"{sample}");
            await using var reopened = await KeyValueStore.OpenAsync(new StoreOptions(image), CancellationToken.None);
            AssertHolds(expected, reopened);
        }
    }

    [Fact]
    public async Task SyncThatFailedOnce_AndPowerLostLater_LosesNothingAcknowledgedSince()
    {
        for (var failing = 0; failing < 12; failing++)
        {
            using var disk = new FaultyDisk();
            await using var store = await KeyValueStore.OpenAsync(OptionsOf(disk), CancellationToken.None);
            var expected = new Dictionary<string, HashSet<string>>();
            var told = new List<StoreException>();
            var syncs = failing;
            disk.Fault = (s, _) => s == DiskStep.Sync && Interlocked.Decrement(ref syncs) == -1 ? SyncFailed : 0;
            await WriteAsync(store, expected, told, 20);
            Assert.Single(told);

            var image = disk.Materialize(disk.PowerLost(disk.Count, new Random(failing)), $"{failing}");
            await using var reopened = await KeyValueStore.OpenAsync(new StoreOptions(image), CancellationToken.None);
            AssertHolds(expected, reopened);
        }
    }

    [Fact]
    public async Task ValueTurnedOnDisk_IsRefusedNotAnswered()
    {
        using var disk = new FaultyDisk();
        await using (var store = await KeyValueStore.OpenAsync(OptionsOf(disk), CancellationToken.None))
        {
            await store.PutAsync("/whole", Bytes(300), null, CancellationToken.None);
            await store.PutAsync("/turned", "a value to be found by its text"u8.ToArray(), null, CancellationToken.None);
        }

        // SQLite's own check sees nothing wrong with this.
        var bytes = await File.ReadAllBytesAsync(disk.StorePath, TestContext.Current.CancellationToken);
        bytes[bytes.AsSpan().IndexOf("a value to be found"u8)] ^= 1;
        await File.WriteAllBytesAsync(disk.StorePath, bytes, TestContext.Current.CancellationToken);
        await using var again = await KeyValueStore.OpenAsync(OptionsOf(disk), CancellationToken.None);

        Assert.Equal(300, again.Get("/whole")!.Value.Length);
        var refusals = new[]
        {
            Assert.Throws<StoreException>(() => again.Get("/turned")),
            Assert.Throws<StoreException>(() => again.List("", null, null, 0)),
            await Assert.ThrowsAsync<StoreException>(() => again.PutAsync("/turned", Bytes(1), null, CancellationToken.None)),
        };
        Assert.All(refusals, r => Assert.True(r.IsDamaged && r.Message.Contains("sealos restore", StringComparison.Ordinal), r.Message));
        await again.DisposeAsync();
        var check = await Assert.ThrowsAsync<StoreException>(() => Backup.CheckAsync(disk.StorePath, CancellationToken.None));
        Assert.True(check.IsDamaged);
    }

    private static void AssertHolds(Dictionary<string, HashSet<string>> expected, KeyValueStore store)
    {
        var found = store.List("", null, null, 0).ToDictionary(v => v.Key, v => TemporaryStore.Text(v.Value));
        Assert.Subset(expected.Keys.ToHashSet(), found.Keys.ToHashSet());
        Assert.All(expected, e => Assert.Contains(found.GetValueOrDefault(e.Key, ""), e.Value));
    }

    // One after the other. What failed may be there or not, but whole, until its key is written again.
    private static async Task WriteAsync(KeyValueStore store, Dictionary<string, HashSet<string>> expected, List<StoreException> told, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var key = $"/k{i % 9}";
            var value = $"{told.Count}-{i}-{new string('v', i * 211 % 5000)}";
            try
            {
                await store.PutAsync(key, Encoding.ASCII.GetBytes(value), null, CancellationToken.None);
                expected[key] = [value];
            }
            catch (StoreException failure)
            {
                told.Add(failure);
                if (!expected.TryAdd(key, ["", value]))
                {
                    expected[key].Add(value);
                }
            }
        }
    }
}
