using System.Diagnostics;
using Xunit;

namespace Sealos.Store.Tests.Writing;

public class MaintenanceTests
{
    [Fact]
    public async Task Compact_AtEveryRevision_ListsAtAndAfterItStayTrue()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        var random = new Random(11);
        var expected = new List<string> { "" };
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; i <= 120; i++)
        {
            var key = $"/k{random.Next(8)}";
            if (state.ContainsKey(key) && random.Next(3) == 0)
            {
                await temporary.DeleteAsync(key);
                state.Remove(key);
            }
            else
            {
                await temporary.PutAsync(key, $"{i}");
                state[key] = $"{i}";
            }

            expected.Add(string.Join(' ', state.Select(s => $"{s.Key}={s.Value}")));
        }

        for (var compacted = 0; compacted <= 120; compacted += 10)
        {
            await temporary.Store.CompactAsync(compacted, CancellationToken.None);
            Assert.Equal(compacted, temporary.Store.CompactedRevision);
            for (var at = 0; at <= 120; at++)
            {
                if (at < compacted)
                {
                    Assert.Throws<CompactedException>(() => temporary.List("", at));
                }
                else
                {
                    Assert.Equal(expected[at], temporary.List("", at));
                }
            }
        }

        await temporary.ReopenAsync();
        Assert.Equal((120, 120), (temporary.Store.Revision, temporary.Store.CompactedRevision));
        Assert.Equal(expected[^1], temporary.List(""));
    }

    [Fact]
    public async Task Compact_LastWriteIsADeletion_RevisionsGoOnFromThere()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await temporary.PutAsync("/a", "x");
        await temporary.DeleteAsync("/a");
        await temporary.Store.CompactAsync(2, CancellationToken.None);

        await temporary.ReopenAsync();

        Assert.Equal(2, temporary.Store.Revision);
        Assert.Equal(3, await temporary.PutAsync("/a", "y", 0));
    }

    [Fact]
    public async Task Compact_MuchHistory_GivesSpaceBackWhileWritersGoOn()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        var value = new string('v', 4000);
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 400).Select(i => temporary.PutAsync($"/k{i}", value)));
        }

        Assert.True(new FileInfo(temporary.Path).Length > 10_000_000);
        var compaction = temporary.Store.CompactAsync(temporary.Store.Revision, CancellationToken.None);
        var slowest = TimeSpan.Zero;
        while (!compaction.IsCompleted)
        {
            var started = Stopwatch.GetTimestamp();
            await temporary.PutAsync("/while", "x");
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
        }

        await compaction;
        Assert.True(slowest < TimeSpan.FromSeconds(1), $"a write waited {slowest}");
        Assert.Equal(401, temporary.Store.List("", null, null, 0).Count);
        Assert.InRange(new FileInfo(temporary.Path).Length, 1, 7_000_000);
    }

    [Fact]
    public async Task Compact_BeyondTheNewestRevision_IsRefused()
    {
        await using var temporary = await TemporaryStore.OpenAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => temporary.Store.CompactAsync(1, CancellationToken.None));
        await temporary.Store.CompactAsync(0, CancellationToken.None);
    }

    [Fact]
    public async Task History_TooManyRevisions_IsForgottenByItself()
    {
        await using var temporary = await TemporaryStore.OpenAsync(
            o => o with { CompactionInterval = TimeSpan.FromMilliseconds(20), MaxHistoryRevisions = 50 });
        for (var i = 0; i < 200; i++)
        {
            await temporary.PutAsync("/a", $"{i}");
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (temporary.Store.CompactedRevision < 150)
        {
            await Task.Delay(10, deadline.Token);
        }

        Assert.Equal(150, temporary.Store.CompactedRevision);
    }
}
