using Xunit;

namespace Sealos.Store.Tests.Reading;

public class WatcherTests
{
    private static string Describe(StoreEvent e) =>
        $"{e.Revision} {e.Type} {e.Key} {TemporaryStore.Text(e.Value)} {e.CreateRevision}";

    private static async Task<List<StoreEvent>> TakeAsync(KeyValueStore store, string prefix, long after, int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var events = new List<StoreEvent>();
        await foreach (var written in store.Watch(prefix, after, deadline.Token))
        {
            events.Add(written);
            if (events.Count == count)
            {
                break;
            }
        }

        return events;
    }

    public static readonly TheoryData<bool> FromMemoryOrDisk = [false, true];

    [Theory]
    [MemberData(nameof(FromMemoryOrDisk))]
    public async Task Watch_FromTheStart_TellsWhatHappenedToEachKey(bool reopened)
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/p/a", "one");
        await temporary.PutAsync("/p/a", "two");
        await temporary.PutAsync("/q/a", "three");
        await temporary.DeleteAsync("/p/a");
        await temporary.PutAsync("/p/a", "five");
        if (reopened)
        {
            await temporary.ReopenAsync();
        }

        var events = await TakeAsync(temporary.Store, "/p/", 0, 4);

        Assert.Equal(
            ["1 Created /p/a one 1", "2 Updated /p/a two 1", "4 Deleted /p/a - 1", "5 Created /p/a five 5"],
            events.Select(Describe));
    }

    [Theory]
    [InlineData(16, 10_000_000)]
    [InlineData(4096, 2_000)]
    [InlineData(4096, 10_000_000)]
    public async Task Watch_WhileSixteenWrite_IsOrderedAndGapFree(int recentEvents, int recentBytes)
    {
        const int Writers = 16;
        const int Each = 120;
        await using var temporary = await TemporaryStore.OpenAsync(
            o => o with { MaxRecentEvents = recentEvents, MaxRecentBytes = recentBytes });
        for (var i = 0; i < 100; i++)
        {
            await temporary.PutAsync($"/k{i}", "before");
        }

        var total = 100 + (Writers * Each);
        var watching = Enumerable.Range(0, 3).Select(i => TakeAsync(temporary.Store, "", i * 50, total - (i * 50))).ToList();
        var writing = Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var i = 0; i < Each; i++)
            {
                await temporary.PutAsync($"/w{writer}/{i % 7}", $"{writer}.{i} {new string('x', 100)}");
            }
        });
        await Task.WhenAll(writing);

        for (var i = 0; i < watching.Count; i++)
        {
            var revisions = (await watching[i]).Select(e => e.Revision);
            Assert.Equal(Enumerable.Range((i * 50) + 1, total - (i * 50)).Select(r => (long)r), revisions);
        }

        // Cutting the stream anywhere and going on from there gives the same stream.
        var resumed = await TakeAsync(temporary.Store, "/w3/", 777, 5);
        Assert.Equal((await watching[0]).Where(e => e.Key.StartsWith("/w3/", StringComparison.Ordinal) && e.Revision > 777).Take(5).Select(Describe), resumed.Select(Describe));
    }

    [Fact]
    public async Task Watch_PutAcknowledged_EventIsAlreadyThere()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await using var watch = temporary.Store.Watch("", 0, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        for (var i = 1; i <= 20; i++)
        {
            await temporary.PutAsync("/a", "x");
            Assert.True(await watch.MoveNextAsync());
            Assert.Equal(i, watch.Current.Revision);
        }
    }

    [Fact]
    public async Task Watch_FromCompactedRevision_IsRefused()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await temporary.PutAsync("/a", $"{i}");
        }

        await temporary.Store.CompactAsync(3, CancellationToken.None);

        var gone = await Assert.ThrowsAsync<CompactedException>(() => TakeAsync(temporary.Store, "", 2, 1));
        Assert.Equal((2, 3), (gone.Requested, gone.Compacted));
        await temporary.ReopenAsync();
        await Assert.ThrowsAsync<CompactedException>(() => TakeAsync(temporary.Store, "", 2, 1));
        var events = await TakeAsync(temporary.Store, "", 3, 2);
        Assert.Equal(["4 Updated /a 3 1", "5 Updated /a 4 1"], events.Select(Describe));
    }

    [Fact]
    public async Task Watch_CompactedUnderASlowWatcher_EndsItRatherThanSkipping()
    {
        await using var temporary = await TemporaryStore.OpenAsync(o => o with { MaxRecentEvents = 4 });
        await temporary.PutAsync("/a", "0");
        await using var watch = temporary.Store.Watch("", 0, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await watch.MoveNextAsync());
        for (var i = 0; i < 20; i++)
        {
            await temporary.PutAsync("/a", $"{i}");
        }

        await temporary.Store.CompactAsync(10, CancellationToken.None);

        await Assert.ThrowsAsync<CompactedException>(async () => await watch.MoveNextAsync());
    }

    [Fact]
    public async Task Watch_CancelledOrStoreClosed_Ends()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        using var cancel = new CancellationTokenSource();
        var cancelled = ReadToEndAsync(temporary.Store, cancel.Token);
        var closed = ReadToEndAsync(temporary.Store, CancellationToken.None);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(closed.IsCompleted);
        await temporary.Store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed);
    }

    private static async Task ReadToEndAsync(KeyValueStore store, CancellationToken cancellationToken)
    {
        await foreach (var written in store.Watch("", 0, cancellationToken))
        {
            Assert.Fail($"nothing was written, but {written.Revision} came");
        }
    }
}
