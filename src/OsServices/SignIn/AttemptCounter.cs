namespace Sealos.OsServices.SignIn;

/// <summary>Counts what happened under each key in a window of time, for a bounded number of keys.</summary>
internal sealed class AttemptCounter(TimeProvider time, int limit, TimeSpan window)
{
    private const int MostKeys = 50_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Count, DateTimeOffset Until)> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether the limit is reached.</summary>
    public bool IsOver(string key)
    {
        lock (_lock)
        {
            return _counts.TryGetValue(key, out var seen) && seen.Until > time.GetUtcNow() && seen.Count >= limit;
        }
    }

    /// <summary>Counts one more; false when the limit was reached before.</summary>
    public bool TryAdd(string key)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var seen = _counts.TryGetValue(key, out var known) && known.Until > now ? known : (Count: 0, Until: now + window);
            if (seen.Count >= limit)
            {
                return false;
            }

            if (_counts.Count >= MostKeys && !_counts.ContainsKey(key))
            {
                Trim(now);
            }

            _counts[key] = (seen.Count + 1, seen.Until);
            return true;
        }
    }

    public void Forget(string key)
    {
        lock (_lock)
        {
            _counts.Remove(key);
        }
    }

    // When strangers fill it, whoever was counted least is forgotten first; that costs them more than it gains.
    private void Trim(DateTimeOffset now)
    {
        foreach (var (key, _) in _counts.Where(c => c.Value.Until <= now).ToList())
        {
            _counts.Remove(key);
        }

        if (_counts.Count >= MostKeys)
        {
            foreach (var (key, _) in _counts.OrderBy(c => c.Value.Count).Take(MostKeys / 10).ToList())
            {
                _counts.Remove(key);
            }
        }
    }
}
