namespace Sealos.Store.Reading;

/// <summary>
/// The last events, bounded in number and bytes. Watchers keep a position instead of a queue: whoever has fallen
/// behind what is kept here reads from disk, so a slow watcher costs no memory and misses nothing.
/// </summary>
internal sealed class RecentEvents(StoreOptions options)
{
    private readonly Lock _gate = new();

    // Revisions are dense, so an event's place is its revision modulo the length.
    private readonly StoreEvent?[] _events = new StoreEvent?[options.MaxRecentEvents];
    private TaskCompletionSource _changed = NewSignal();
    private long _bytes;
    private long _oldest = 1;
    private long _newest;

    /// <summary>Ends with the next publication; to be taken before reading.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Says that everything up to <paramref name="revision"/> is on disk only.</summary>
    public void StartAfter(long revision)
    {
        lock (_gate)
        {
            Array.Clear(_events);
            _bytes = 0;
            _newest = revision;
            _oldest = revision + 1;
        }

        WakeAll();
    }

    /// <summary>Takes over what was committed next.</summary>
    public void Publish(IReadOnlyList<StoreEvent> events)
    {
        lock (_gate)
        {
            foreach (var written in events)
            {
                if (written.Revision - _oldest == _events.Length)
                {
                    DropOldest();
                }

                _events[written.Revision % _events.Length] = written;
                _newest = written.Revision;
                _bytes += SizeOf(written);
            }

            while (_bytes > options.MaxRecentBytes)
            {
                DropOldest();
            }
        }

        WakeAll();
    }

    /// <summary>
    /// Adds the events after <paramref name="position"/> under <paramref name="prefix"/> and answers the new
    /// position; null when some of them are no longer here.
    /// </summary>
    public long? Read(long position, string prefix, List<StoreEvent> into)
    {
        lock (_gate)
        {
            if (position >= _newest)
            {
                return position;
            }

            if (position + 1 < _oldest)
            {
                return null;
            }

            for (var revision = position + 1; revision <= _newest; revision++)
            {
                var written = _events[revision % _events.Length]!;
                if (written.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    into.Add(written);
                }
            }

            return _newest;
        }
    }

    /// <summary>Wakes every watcher.</summary>
    public void WakeAll()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    private void DropOldest()
    {
        ref var slot = ref _events[_oldest % _events.Length];
        _bytes -= SizeOf(slot!);
        slot = null;
        _oldest++;
    }

    private static int SizeOf(StoreEvent written) => written.Value?.Length ?? 0;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
