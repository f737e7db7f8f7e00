using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;

namespace Sealos.ApiServer.Tests.Linearizability;

/// <summary>What many clients were answered, on one clock; and the lists and the watch that went along.</summary>
internal sealed class History(IReadOnlyList<string> keys)
{
    public const string Path = "/api/v1/namespaces/default/configmaps";

    private readonly List<ApiCall> _calls = [];
    private readonly List<Listed> _lists = [];
    private long _clock;
    private int _value;
    private int _underWay;

    public IReadOnlyList<string> Keys => keys;

    public IReadOnlyList<ApiCall> Calls => _calls;

    public IReadOnlyList<Listed> Lists => _lists;

    /// <summary>Calls that wait for their answer.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public long Now() => Interlocked.Increment(ref _clock);

    public int NextValue() => Interlocked.Increment(ref _value);

    public void Begin() => Interlocked.Increment(ref _underWay);

    public void End(ApiCall call)
    {
        Interlocked.Decrement(ref _underWay);
        lock (_calls)
        {
            _calls.Add(call);
        }
    }

    /// <summary>A list says of each object what a read would have said.</summary>
    public void Add(Listed list, long called)
    {
        var answered = Now();
        lock (_calls)
        {
            _lists.Add(list);
            _calls.AddRange(keys.Select(key => list.Items.TryGetValue(key, out var item)
                ? new ApiCall(Verb.Get, key, null, item.Value) { Revision = item.Revision, Called = called, Answered = answered }
                : new ApiCall(Verb.Get, key, null, 0) { Outcome = Outcome.NotFound, Called = called, Answered = answered }));
        }
    }

    /// <summary>The server is dead: what it has not answered by now has happened before or never will.</summary>
    public void EndOfServer()
    {
        var now = Now();
        lock (_calls)
        {
            for (var i = 0; i < _calls.Count; i++)
            {
                _calls[i] = _calls[i] is { IsUncertain: true, Answered: long.MaxValue } call ? call with { Answered = now } : _calls[i];
            }
        }
    }

    /// <summary>The calls, writes without an answer at the revisions at which they were seen, or at ones that nobody can know.</summary>
    public IReadOnlyList<ApiCall> Resolve(IReadOnlyDictionary<int, long> seen) =>
        [.. _calls.Where(c => c is not { Verb: Verb.Get, IsUncertain: true }).Select((c, i) => c is { IsUncertain: true, IsPut: true } ? c with { Revision = seen.GetValueOrDefault(c.Value, -1 - i) } : c)];
}

/// <summary>What a watch told, from its first version to its last, however often it was taken up again.</summary>
internal sealed class WatchedHistory
{
    public List<(string Type, string Key, long Revision, int Value)> Events { get; } = [];

    public long Revision { get; set; }

    /// <summary>Goes on watching until an object of that name appears (true) or the server is gone (false).</summary>
    public async Task<bool> FollowAsync(ApiClient client, string last)
    {
        try
        {
            await foreach (var change in client.WatchAsync($"{History.Path}?watch=1&allowWatchBookmarks=true&resourceVersion={Revision.ToString(CultureInfo.InvariantCulture)}"))
            {
                var (type, obj) = ((string)change["type"]!, (JsonObject)change["object"]!);
                if (type is not ("ADDED" or "MODIFIED" or "DELETED"))
                {
                    throw new InvalidOperationException(change.ToJsonString());
                }

                var name = (string)obj["metadata"]!["name"]!;
                Revision = HistoryClient.RevisionOf(obj);
                if (name == last)
                {
                    return true;
                }

                if (obj["data"]?["value"] is not null)
                {
                    Events.Add((type, name, Revision, HistoryClient.ValueOf(obj)));
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Killed.
        }

        return false;
    }

    /// <summary>What was there at a revision.</summary>
    public Dictionary<string, (long Revision, int Value)> At(long revision)
    {
        var state = new Dictionary<string, (long, int)>();
        foreach (var (type, key, at, value) in Events.TakeWhile(e => e.Revision <= revision))
        {
            if (type == "DELETED")
            {
                state.Remove(key);
            }
            else
            {
                state[key] = (at, value);
            }
        }

        return state;
    }
}
