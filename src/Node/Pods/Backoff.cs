namespace Sealos.Node.Pods;

/// <summary>Growing pauses for what keeps failing, one for each key: 10 s, doubled each time, at most 5 min.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(300);

    private readonly Dictionary<string, (TimeSpan Delay, DateTimeOffset Updated)> _entries = new(StringComparer.Ordinal);

    /// <summary>
    /// How long to wait still after a failure at <paramref name="since"/> (or, if not given, after the last try), and the whole pause;
    /// null when nothing stands in the way.
    /// </summary>
    public (TimeSpan Left, TimeSpan Whole)? Find(string key, DateTimeOffset? since = null)
    {
        if (!_entries.TryGetValue(key, out var entry) || (since is { } s && IsForgotten(entry.Updated, s)))
        {
            return null;
        }

        var left = entry.Delay - (time.GetUtcNow() - (since ?? entry.Updated));
        return left > TimeSpan.Zero ? (left, entry.Delay) : null;
    }

    /// <summary>Notes another try; the next pause is longer unless the last one is long ago.</summary>
    public void Next(string key, DateTimeOffset since)
    {
        var delay = _entries.TryGetValue(key, out var entry) && !IsForgotten(entry.Updated, since) ? entry.Delay * 2 : First;
        _entries[key] = (delay < Longest ? delay : Longest, time.GetUtcNow());
    }

    /// <summary>Starts anew.</summary>
    public void Reset(string key) => _entries.Remove(key);

    // What failed long after the last try ran well in between.
    private static bool IsForgotten(DateTimeOffset updated, DateTimeOffset since) => since - updated > Longest * 2;
}
