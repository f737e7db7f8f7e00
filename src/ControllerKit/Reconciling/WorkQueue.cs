namespace Sealos.ControllerKit.Reconciling;

/// <summary>
/// A queue of keys in which a key stands at most once and is never handed to two workers at a time; a key added while it is
/// being worked on is handed out again afterwards.
/// </summary>
public sealed class WorkQueue<TKey>(TimeProvider time) : IDisposable
    where TKey : notnull
{
    // Timers take no more than some weeks. A key that comes early is looked at and waits again.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly Queue<TKey> _ready = new();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _working = [];
    private readonly Dictionary<TKey, ITimer> _delayed = [];
    private readonly Dictionary<TKey, long> _delayedUntil = [];
    private readonly SemaphoreSlim _signal = new(0);
    private bool _disposed;

    /// <summary>How many keys wait to be handed out.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>Adds a key now.</summary>
    public void Add(TKey key)
    {
        lock (_lock)
        {
            if (_disposed || !_dirty.Add(key) || _working.Contains(key))
            {
                return;
            }

            _ready.Enqueue(key);
            _signal.Release();
        }
    }

    /// <summary>Adds a key after a delay; of several delays the soonest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        delay = delay < LongestDelay ? delay : LongestDelay;
        var due = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        lock (_lock)
        {
            if (_disposed || (_delayedUntil.TryGetValue(key, out var known) && known <= due))
            {
                return;
            }

            _delayedUntil[key] = due;
            if (_delayed.Remove(key, out var timer))
            {
                timer.Dispose();
            }

            _delayed[key] = time.CreateTimer(_ => Fire(key, due), null, delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Waits for a key; the caller gives it back with <see cref="Release"/>.</summary>
    public async Task<TKey> TakeAsync(CancellationToken ct)
    {
        await _signal.WaitAsync(ct).ConfigureAwait(false);
        lock (_lock)
        {
            var key = _ready.Dequeue();
            _dirty.Remove(key);
            _working.Add(key);
            return key;
        }
    }

    /// <summary>Says that a key has been worked on.</summary>
    public void Release(TKey key)
    {
        lock (_lock)
        {
            _working.Remove(key);
            if (_dirty.Contains(key) && !_disposed)
            {
                _ready.Enqueue(key);
                _signal.Release();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var timer in _delayed.Values)
            {
                timer.Dispose();
            }

            _delayed.Clear();
            _delayedUntil.Clear();
        }
    }

    private void Fire(TKey key, long due)
    {
        lock (_lock)
        {
            if (!_delayedUntil.TryGetValue(key, out var current) || current != due)
            {
                return;
            }

            _delayedUntil.Remove(key);
            if (_delayed.Remove(key, out var timer))
            {
                timer.Dispose();
            }
        }

        Add(key);
    }
}
