namespace Sealos.ApiServer.Watch;

/// <summary>
/// The recent events of a kind, oldest first, for watches that resume. Bounded by age, count and bytes, so a busy kind
/// cannot fill the memory and a quiet one holds nothing for long. Not thread-safe: the cache's lock guards it.
/// </summary>
internal sealed class EventRing(long startRevision)
{
    private const int MinEvents = 64;
    private const int MaxEvents = 8192;
    private const long MaxBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);

    private readonly Queue<WatchEvent> _events = new();
    private long _bytes;

    /// <summary>All events after this revision are here.</summary>
    public long StartRevision { get; private set; } = startRevision;

    public int Count => _events.Count;

    public void Append(WatchEvent change)
    {
        _events.Enqueue(change);
        _bytes += change.Subject.Utf8.Length;
        while (_events.Count > MaxEvents || (_bytes > MaxBytes && _events.Count > MinEvents))
        {
            DropOldest();
        }
    }

    /// <summary>Forgets events from before <see cref="MaxAge"/>, but for a few that cost nothing.</summary>
    public void Trim(DateTimeOffset now)
    {
        while (_events.Count > MinEvents && now - _events.Peek().At > MaxAge)
        {
            DropOldest();
        }
    }

    /// <summary>The events after a revision, oldest first.</summary>
    public IEnumerable<WatchEvent> After(long revision)
    {
        foreach (var change in _events)
        {
            if (change.Revision > revision)
            {
                yield return change;
            }
        }
    }

    private void DropOldest()
    {
        var dropped = _events.Dequeue();
        _bytes -= dropped.Subject.Utf8.Length;
        StartRevision = dropped.Revision;
    }
}
