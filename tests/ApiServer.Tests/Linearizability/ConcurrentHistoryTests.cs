using Sealos.ApiServer.Tests.Support;
using Sealos.Store.Tests.Linearizability;
using Xunit;

namespace Sealos.ApiServer.Tests.Linearizability;

/// <summary>
/// Many clients write and read a few objects over HTTPS while the server is killed and started again. What they were answered must look
/// as if one call had been made after the other, and nothing acknowledged is lost; lists and a watch must tell that same story.
/// </summary>
public sealed class ConcurrentHistoryTests : IAsyncLifetime
{
    private const int Workers = 12;
    private const int CallsBetweenKills = 700;
    private const int Kills = 2;
    private const string Last = "last";

    private readonly ServerProcess _server = new();
    private readonly History _history = new(["a", "b", "c", "d", "e", "f"]);
    private readonly WatchedHistory _watched = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task KilledInTheMiddle_IsLinearizableAndLosesNothing()
    {
        _watched.Revision = HistoryClient.Read((await _server.NewClient().GetAsync(History.Path)).Expect(200)).Revision;
        var workers = Enumerable.Range(0, Workers).Select(i => new HistoryClient(_history, i)).ToArray();
        for (var life = 0; life <= Kills; life++)
        {
            await LiveAsync(workers, isLast: life == Kills);
        }

        var calls = _history.Resolve(Seen());
        Assert.Null(Checker.FindViolation(calls));
        Assert.All(Enum.GetValues<Outcome>(), outcome => Assert.Contains(calls, c => c.Outcome == outcome));
        CheckWatch(calls);
        Assert.All(_history.Lists, list => Assert.Equal(_watched.At(list.Revision).OrderBy(i => i.Key), list.Items.OrderBy(i => i.Key)));

        // A write that was acknowledged and then lost would be found.
        var read = calls.Last(c => c is { Verb: Verb.Get, Outcome: Outcome.Done });
        var write = calls.Single(c => c.IsPut && c.Value == read.Value && c.Outcome is Outcome.Done or Outcome.Unknown);
        Assert.Equal(read.Key, Checker.FindViolation(calls.Where(c => c != write)));
    }

    /// <summary>One life of the server: it is killed while all are busy; in the last it is left alone.</summary>
    private async Task LiveAsync(HistoryClient[] workers, bool isLast)
    {
        var watching = _watched.FollowAsync(_server.NewClient(), Last);
        using var stop = new CancellationTokenSource();
        var until = _history.Calls.Count + CallsBetweenKills;
        var working = workers.Select(worker => Task.Run(async () =>
        {
            var client = _server.NewClient();
            while (!stop.IsCancellationRequested)
            {
                await worker.StepAsync(client);
            }
        })).ToArray();
        while (!working.Any(w => w.IsFaulted) && (_history.Calls.Count < until || _history.UnderWay < Workers / 2))
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        if (isLast)
        {
            await stop.CancelAsync();
            await Task.WhenAll(working);
            (await _server.NewClient().PostAsync(History.Path, $$$"""{"metadata":{"name":"{{{Last}}}"}}""")).Expect(201);
            Assert.True(await watching.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
            return;
        }

        var killing = _server.KillAsync();
        await stop.CancelAsync();
        await killing;
        await Task.WhenAll(working);
        Assert.False(await watching);
        _history.EndOfServer();
        await _server.StartAsync();
    }

    /// <summary>The revision at which each value was seen, by whomever.</summary>
    private Dictionary<int, long> Seen()
    {
        var seen = new Dictionary<int, long>();
        foreach (var (value, revision) in _watched.Events.Where(e => e.Type != "DELETED").Select(e => (e.Value, e.Revision))
            .Concat(_history.Calls.Where(c => c is { Verb: Verb.Get, Outcome: Outcome.Done }).Select(c => (c.Value, c.Revision))))
        {
            Assert.Equal(revision, seen.GetValueOrDefault(value, revision));
            seen[value] = revision;
        }

        return seen;
    }

    private void CheckWatch(IReadOnlyList<ApiCall> calls)
    {
        var events = _watched.Events;
        Assert.All(events.Zip(events.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision));
        var exist = new HashSet<string>();
        foreach (var (type, key, _, _) in events)
        {
            Assert.Equal(type == "ADDED", !exist.Contains(key));
            _ = type == "DELETED" ? exist.Remove(key) : exist.Add(key);
        }

        var told = events.Where(e => e.Type != "DELETED").ToDictionary(e => e.Value, e => (e.Key, e.Revision));
        Assert.All(calls.Where(c => c is { IsPut: true, Outcome: Outcome.Done }), c => Assert.Equal((c.Key, c.Revision), told[c.Value]));
        var refused = calls.Where(c => c.IsPut && c.Outcome is not (Outcome.Done or Outcome.Unknown)).Select(c => c.Value).ToHashSet();
        Assert.DoesNotContain(told.Keys, refused.Contains);
        var deleted = events.Count(e => e.Type == "DELETED");
        var deletions = calls.Where(c => c.Verb == Verb.Delete).ToLookup(c => c.Outcome);
        Assert.InRange(deleted, deletions[Outcome.Done].Count(), deletions[Outcome.Done].Count() + deletions[Outcome.Unknown].Count());
    }
}
