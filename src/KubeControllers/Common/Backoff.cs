namespace Sealos.KubeControllers.Common;

/// <summary>How long to leave each key alone after it failed: twice as long each time, forgotten after a long calm.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    private const int ManyEntries = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (TimeSpan Delay, long At)> _entries = new(StringComparer.Ordinal);

    /// <summary>What is left of a key's wait, or null when it may be tried again.</summary>
    public TimeSpan? Left(string key)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(key, out var entry) && entry.Delay - time.GetElapsedTime(entry.At) is { Ticks: > 0 } left ? left : null;
        }
    }

    /// <summary>Takes note of another failure.</summary>
    public void Next(string key)
    {
        lock (_lock)
        {
            if (_entries.Count >= ManyEntries)
            {
                foreach (var old in _entries.Where(e => IsOver(e.Value)).Select(e => e.Key).ToList())
                {
                    _entries.Remove(old);
                }
            }

            var delay = _entries.TryGetValue(key, out var known) && !IsOver(known) ? known.Delay * 2 : first;
            _entries[key] = (delay < longest ? delay : longest, time.GetTimestamp());
        }
    }

    private bool IsOver((TimeSpan Delay, long At) entry) => time.GetElapsedTime(entry.At) > longest * 2;
}
