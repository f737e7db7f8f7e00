using System.Collections.Concurrent;
using System.Text;
using Xunit;

namespace Sealos.Store.Tests.Writing;

public class WriterTests
{
    [Fact]
    public async Task Put_SixteenWritersOnOneCounter_EveryIncrementCountsOnce()
    {
        const int Writers = 16;
        const int Each = 25;
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/counter", "0");
        var conflicts = 0;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var done = 0; done < Each;)
            {
                var current = temporary.Store.Get("/counter")!;
                try
                {
                    await temporary.PutAsync("/counter", $"{int.Parse(TemporaryStore.Text(current.Value), null) + 1}", current.ModRevision);
                    done++;
                }
                catch (RevisionConflictException conflict)
                {
                    Assert.True(conflict.Current > current.ModRevision);
                    Interlocked.Increment(ref conflicts);
                }
            }
        }));

        Assert.Equal($"{Writers * Each}", TemporaryStore.Text(temporary.Store.Get("/counter")!.Value));
        Assert.Equal(1 + (Writers * Each), temporary.Store.Revision);
        Assert.True(conflicts > 0);
    }

    [Fact]
    public async Task Put_SameNewKeyByMany_ExactlyOneCreatesIt()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            try
            {
                return await temporary.PutAsync("/a", $"{i}", 0);
            }
            catch (RevisionConflictException conflict)
            {
                return -conflict.Current;
            }
        }));

        Assert.Single(outcomes, 1L);
        Assert.Equal(63, outcomes.Count(o => o == -1));
    }

    [Fact]
    public async Task Put_ManyWaiting_RevisionsAreDenseAndEachIsItsOwn()
    {
        await using var temporary = await TemporaryStore.OpenAsync(o => o with { MaxBatchWrites = 7, MaxQueuedWrites = 16 });
        var revisions = new ConcurrentDictionary<long, string>();

        await Task.WhenAll(Enumerable.Range(0, 400).Select(async i =>
        {
            Assert.True(revisions.TryAdd(await temporary.PutAsync($"/k{i}", $"{i}"), $"/k{i}"));
        }));

        Assert.Equal(Enumerable.Range(1, 400).Select(i => (long)i), revisions.Keys.Order());
        Assert.All(temporary.Store.List("", null, null, 0), v => Assert.Equal(revisions[v.ModRevision], v.Key));
    }

    [Fact]
    public async Task Put_CancelledBeforeItsTurn_WritesNothing()
    {
        await using var temporary = await TemporaryStore.OpenAsync(o => o with { MaxQueuedWrites = 1 });
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => temporary.Store.PutAsync("/a", new byte[1], null, cancelled.Token));

        await temporary.PutAsync("/b", "x");
        Assert.Null(temporary.Store.Get("/a"));
        Assert.Equal(1, temporary.Store.Revision);
    }

    [Fact]
    public async Task Put_FileIsFull_FailsClearlyAndWorksAgainWithRoom()
    {
        await using var temporary = await TemporaryStore.OpenAsync(o => o with { MaxFileBytes = 512 * 1024 });
        var kilobytes = new string('v', 20_000);
        var written = 0;
        var failure = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            while (true)
            {
                await temporary.PutAsync($"/big{written}", kilobytes);
                written++;
            }
        });

        Assert.True(failure.IsTransient);
        Assert.Contains("the disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Equal(written, temporary.Store.Revision);
        Assert.Equal(written, temporary.Store.List("/big", null, null, 0).Count);

        // Small writes and deletions beside one that does not fit still go through.
        var together = await Task.WhenAll(
            Outcome(temporary.PutAsync("/another", kilobytes + kilobytes)), Outcome(temporary.PutAsync("/small", "s")), Outcome(temporary.DeleteAsync("/big0")));
        Assert.Equal(["full", "written", "written"], together);

        await temporary.Store.CompactAsync(temporary.Store.Revision, CancellationToken.None);
        await temporary.PutAsync("/big0", kilobytes, 0);
        await temporary.ReopenAsync();
        Assert.Equal(written + 1, temporary.Store.List("", null, null, 0).Count);
    }

    [Fact]
    public async Task Put_OnlyTheReserveIsLeft_IsRefusedWhileDeletionsAndCompactionGoOn()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "x");
        await temporary.Store.DisposeAsync();
        await using var store = await KeyValueStore.OpenAsync(temporary.Options with { ReserveBytes = long.MaxValue / 2 }, CancellationToken.None);

        var failure = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("/b", new byte[1], null, CancellationToken.None));

        Assert.True(failure.IsTransient);
        Assert.Contains("the disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, await store.DeleteAsync("/a", 1, CancellationToken.None));
        await store.CompactAsync(2, CancellationToken.None);
        Assert.Equal(2, store.CompactedRevision);
    }

    [Fact]
    public async Task Put_WhileReadersRead_NobodyIsLocked()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        var value = Encoding.UTF8.GetBytes(new string('v', 12_000));
        using var stop = new CancellationTokenSource();
        var reading = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () =>
        {
            var reads = 0;
            while (!stop.IsCancellationRequested)
            {
                var at = temporary.Store.Revision;
                Assert.All(temporary.Store.List("/k", at, null, 10), v => Assert.True(v.ModRevision <= at));
                temporary.Store.Get("/k1");
                reads++;
            }

            return reads;
        },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToList();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async w =>
        {
            for (var i = 0; i < 200; i++)
            {
                await temporary.Store.PutAsync($"/k{i % 100}", value, null, CancellationToken.None);
            }
        }));
        await stop.CancelAsync();

        Assert.All(await Task.WhenAll(reading), reads => Assert.True(reads > 0));
        // Some 35 MB went through it: the log starts over although there is always somebody reading.
        Assert.InRange(new FileInfo(temporary.Path + "-wal").Length, 1, 20_000_000);
    }

    private static async Task<string> Outcome(Task<long> write)
    {
        try
        {
            await write;
            return "written";
        }
        catch (StoreException failure) when (failure.IsTransient)
        {
            return "full";
        }
    }
}
