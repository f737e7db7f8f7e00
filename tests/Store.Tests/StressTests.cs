using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Xunit;

namespace Sealos.Store.Tests;

/// <summary>Many writers, watchers that come and go, and compaction, all at once.</summary>
public class StressTests
{
    [Fact]
    public async Task WatchersThatResumeAnywhere_UnderLoadAndCompaction_MissAndRepeatNothing()
    {
        const int Writers = 8;
        const int Each = 250;
        await using var temporary = await TemporaryStore.OpenAsync(o => o with { MaxRecentEvents = 64 });
        var store = temporary.Store;
        var written = new ConcurrentDictionary<long, string>();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                var text = string.Create(CultureInfo.InvariantCulture, $"/w{w}/{i % 11}");
                written[await store.PutAsync(text, Encoding.ASCII.GetBytes($"{text} {i}"), null, CancellationToken.None)] = $"{text} {i}";
            }
        })));
        using var stop = new CancellationTokenSource();
        var compacting = CompactAsync(store, stop.Token);
        const long Last = Writers * Each;
        var watching = Enumerable.Range(0, 6).Select(seed => Task.Run(() => FollowAsync(store, new Random(seed), Last))).ToList();
        await writing;
        await stop.CancelAsync();
        await compacting;

        var seen = await Task.WhenAll(watching);

        Assert.Equal(Last, store.Revision);
        foreach (var (events, _) in seen)
        {
            Assert.Equal(Last, events[^1].Revision);
            Assert.All(events, e => Assert.Equal(written[e.Revision], TemporaryStore.Text(e.Value)));
        }

        Assert.Contains(seen, s => s.Resumed > 5);
        Assert.True(store.CompactedRevision > 0);
    }

    [Fact]
    public async Task FewKeysOverwrittenManyTimes_KeepFileAndLogBounded()
    {
        await using var temporary = await TemporaryStore.OpenAsync(
            o => o with { MaxHistoryRevisions = 200, CompactionInterval = TimeSpan.FromMilliseconds(10) });
        var value = new byte[8_000];
        long largestFile = 0;
        long largestLog = 0;
        for (var round = 0; round < 60; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(i => temporary.Store.PutAsync($"/k{i % 10}", value, null, CancellationToken.None)));
            largestFile = Math.Max(largestFile, new FileInfo(temporary.Path).Length);
            largestLog = Math.Max(largestLog, new FileInfo(temporary.Path + "-wal").Length);
        }

        // 48 MB went through; 10 values and 200 revisions of history are 1.7 MB.
        await temporary.Store.CompactAsync(temporary.Store.Revision, CancellationToken.None);
        Assert.InRange(new FileInfo(temporary.Path).Length, 1, 4_000_000);
        Assert.InRange(largestFile, 1, 16_000_000);
        Assert.InRange(largestLog, 1, 24_000_000);
    }

    [Fact]
    public async Task ClockSetBack_RevisionsAscendAndHistoryIsKept()
    {
        var clock = new WallClock { Now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) };
        await using var temporary = await TemporaryStore.OpenAsync(o => o with { Time = clock, CompactionInterval = TimeSpan.FromMilliseconds(5) });
        for (var i = 1; i <= 40; i++)
        {
            clock.Now = i % 2 == 0 ? clock.Now.AddYears(-1) : clock.Now.AddYears(2);
            Assert.Equal(i, await temporary.PutAsync("/a", $"{i}"));
            if (i == 20)
            {
                await temporary.ReopenAsync();
            }
        }

        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(0, temporary.Store.CompactedRevision);
        Assert.Equal("/a=1", temporary.List("", 1));
    }

    private static async Task CompactAsync(KeyValueStore store, CancellationToken stop)
    {
        var random = new Random(5);
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(2, CancellationToken.None);
            await store.CompactAsync(Math.Max(0, store.Revision - random.Next(20, 200)), CancellationToken.None);
        }
    }

    // Stops anywhere, and goes on from there. Where that is gone it lists, as a client would; what it got in between must be dense.
    private static async Task<(List<StoreEvent> Events, int Resumed)> FollowAsync(KeyValueStore store, Random random, long last)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var events = new List<StoreEvent>();
        long position = 0;
        var resumed = 0;
        while (position < last)
        {
            var left = random.Next(1, 120);
            try
            {
                await foreach (var e in store.Watch("", position, deadline.Token))
                {
                    Assert.Equal(position + 1, e.Revision);
                    position = e.Revision;
                    events.Add(e);
                    if (--left == 0 || position == last)
                    {
                        break;
                    }
                }

                resumed++;
                await Task.Delay(random.Next(3), deadline.Token);
            }
            catch (CompactedException gone)
            {
                Assert.Equal(position, gone.Requested);
                Assert.True(gone.Compacted > position, $"{position} was refused though history is kept from {gone.Compacted}");
                position = Math.Min(gone.Compacted, last - 1);
            }
        }

        return (events, resumed);
    }

    private sealed class WallClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
