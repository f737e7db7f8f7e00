using Sealos.Store;

namespace Sealos.ApiServer.Watch;

/// <summary>
/// All objects of one kind in memory, in key order, with their recent events and watchers. One writer (the pump)
/// applies changes; readers copy references under the lock and work on them outside it.
/// </summary>
internal sealed class KindCache(string prefix, SelectableFields fields, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, NamespaceBucket> _buckets = new(StringComparer.Ordinal);
    private readonly List<NamespaceBucket> _ordered = [];
    private readonly WatcherSet _watchers = new();
    private EventRing _ring = new(0);
    private bool _isOver;
    private bool _isReplaced;
    private KindCache? _successor;
    private Action<KindCache?>? _replaced;

    /// <summary>The store's prefix of this kind, with its final slash.</summary>
    public string Prefix => prefix;

    public SelectableFields Fields => fields;

    /// <summary>Called by the pump, in order, after each change: for indexes that follow a kind.</summary>
    public event Action<WatchEvent>? Changed;

    /// <summary>The revision of this kind's newest change.</summary>
    public long LastChange { get; private set; }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                var count = 0;
                foreach (var bucket in _ordered)
                {
                    count += bucket.Items.Count;
                }

                return count;
            }
        }
    }

    public int WatcherCount
    {
        get
        {
            lock (_gate)
            {
                return _watchers.Count;
            }
        }
    }

    /// <summary>Fills the cache at start with what the store holds as of <paramref name="revision"/>.</summary>
    public void Load(IEnumerable<StoredValue> values, long revision)
    {
        lock (_gate)
        {
            _ring = new EventRing(revision);
            foreach (var value in values)
            {
                var obj = ObjectScanner.Load(value.Key.AsSpan(prefix.Length), value.Value.Span, value.ModRevision, fields);
                Bucket(obj.Namespace).Set(obj);
                LastChange = Math.Max(LastChange, obj.Revision);
                Changed?.Invoke(new WatchEvent(WatchEventType.Added, obj, null, obj.Revision, time.GetUtcNow()));
            }
        }
    }

    /// <summary>Applies one change of the store and tells the watchers.</summary>
    public void Apply(StoreEvent change)
    {
        var key = change.Key.AsSpan(prefix.Length);
        var subject = change.Value is { } value
            ? ObjectScanner.Load(key, value.Span, change.Revision, fields)
            : null;
        WatchEvent happened;
        lock (_gate)
        {
            var slash = key.IndexOf('/');
            var bucket = Bucket(subject?.Namespace ?? (slash < 0 ? "" : Names.Intern(key[..slash])));
            var previous = bucket.Find(key[(slash + 1)..]);
            if (subject is not null)
            {
                bucket.Set(subject);
                happened = new WatchEvent(previous is null ? WatchEventType.Added : WatchEventType.Modified, subject, previous, change.Revision, time.GetUtcNow());
            }
            else if (previous is not null)
            {
                Remove(bucket, previous.Name);
                happened = new WatchEvent(WatchEventType.Deleted, previous.At(change.Revision), previous, change.Revision, time.GetUtcNow());
            }
            else
            {
                return;
            }

            LastChange = change.Revision;
            _ring.Append(happened);
            _watchers.Offer(happened);
        }

        Changed?.Invoke(happened);
    }

    /// <summary>The object of that name, or null.</summary>
    public CachedObject? Get(string @namespace, string name)
    {
        lock (_gate)
        {
            return _buckets.TryGetValue(@namespace, out var bucket) ? bucket.Find(name) : null;
        }
    }

    /// <summary>The objects of a namespace (null: all) in key order, after a key, so many of them at most. Dispose the result.</summary>
    public ObjectList List(string? @namespace, string? startAfter = null, int max = int.MaxValue)
    {
        lock (_gate)
        {
            var result = new ObjectList(Math.Min(max, CountOf(@namespace)));
            if (@namespace is not null)
            {
                if (_buckets.TryGetValue(@namespace, out var bucket))
                {
                    bucket.CopyTo(ref result, startAfter);
                }

                return result;
            }

            foreach (var bucket in _ordered)
            {
                bucket.CopyTo(ref result, startAfter);
            }

            return result;
        }
    }

    /// <summary>The same, with the revision that the list is exactly at.</summary>
    public ObjectList List(string? @namespace, string? startAfter, int max, Func<long> applied, out long revision)
    {
        lock (_gate)
        {
            revision = Math.Max(applied(), LastChange);
            return List(@namespace, startAfter, max);
        }
    }

    /// <summary>
    /// Registers a watcher for everything after <paramref name="revision"/>, queueing what of it already happened.
    /// Answers false when some of it is forgotten; <paramref name="oldest"/> is then the oldest revision to watch from.
    /// </summary>
    public bool TryWatch(Watcher watcher, long revision, out long oldest)
    {
        lock (_gate)
        {
            oldest = _ring.StartRevision;
            if (revision < oldest)
            {
                return false;
            }

            foreach (var change in _ring.After(revision))
            {
                watcher.Offer(change);
            }

            Register(watcher);
            return true;
        }
    }

    /// <summary>Registers a watcher for everything after now, and answers what there is now with its revision.</summary>
    public ObjectList ListAndWatch(Watcher watcher, Func<long> applied, out long revision)
    {
        lock (_gate)
        {
            var result = List(watcher.Filter.Namespace);
            revision = Math.Max(applied(), LastChange);
            Register(watcher);
            return result;
        }
    }

    public void Remove(Watcher watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }
    }

    /// <summary>Sends bookmarks and forgets old events; <paramref name="applied"/> is read under the lock, so it is never ahead of the queues.</summary>
    public void Tick(Func<long> applied)
    {
        lock (_gate)
        {
            _ring.Trim(time.GetUtcNow());
            _watchers.OfferBookmark(Math.Max(applied(), LastChange));
        }
    }

    /// <summary>Has somebody told when this cache is taken away, and which takes its place, if one does; at once if that has happened.</summary>
    public void WhenReplaced(Action<KindCache?> then)
    {
        lock (_gate)
        {
            if (!_isReplaced)
            {
                _replaced += then;
                return;
            }
        }

        then(_successor);
    }

    /// <summary>Called by the pump when the cache is taken away: ends all watches and tells those who follow it what comes after.</summary>
    public void End(KindCache? successor)
    {
        Action<KindCache?>? replaced;
        lock (_gate)
        {
            (_isReplaced, _successor) = (true, successor);
            (replaced, _replaced) = (_replaced, null);
        }

        CompleteWatchers();
        replaced?.Invoke(successor);
    }

    /// <summary>Ends all watches, and those that come too late.</summary>
    public void CompleteWatchers()
    {
        lock (_gate)
        {
            _isOver = true;
            _watchers.Complete();
        }
    }

    private void Register(Watcher watcher)
    {
        _watchers.Add(watcher);
        if (_isOver)
        {
            watcher.Complete();
        }
    }

    private int CountOf(string? @namespace)
    {
        if (@namespace is not null)
        {
            return _buckets.TryGetValue(@namespace, out var bucket) ? bucket.Items.Count : 0;
        }

        var count = 0;
        foreach (var bucket in _ordered)
        {
            count += bucket.Items.Count;
        }

        return count;
    }

    private NamespaceBucket Bucket(string @namespace)
    {
        if (!_buckets.TryGetValue(@namespace, out var bucket))
        {
            bucket = new NamespaceBucket(@namespace);
            _buckets.Add(@namespace, bucket);
            var at = _ordered.BinarySearch(bucket, NamespaceBucket.KeyOrder);
            _ordered.Insert(~at, bucket);
        }

        return bucket;
    }

    private void Remove(NamespaceBucket bucket, string name)
    {
        bucket.Remove(name);
        if (bucket.Items.Count == 0)
        {
            _buckets.Remove(bucket.Namespace);
            _ordered.Remove(bucket);
        }
    }
}
