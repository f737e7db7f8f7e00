using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;

namespace Sealos.ControllerKit.Caching;

/// <summary>
/// A live copy of one kind in memory: lists once, then watches, and reconnects by itself. Objects handed out are shared;
/// clone one before changing it. Handlers run on the watch's own task, in order, and must be quick (enqueue a key).
/// </summary>
public sealed partial class Informer<T> : IInformer, IFollower
    where T : class, IKubeObject<T>, new()
{
    private readonly KubeClient _client;
    private readonly string? _namespace;
    private readonly ListQuery _query;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();

    // Handlers run outside the data's lock, so that one may read other informers whose handlers read this one.
    private readonly Lock _handlersLock = new();
    private readonly Dictionary<ObjectKey, T> _objects = [];
    private readonly Dictionary<string, Index> _indexes = new(StringComparer.Ordinal);
    private readonly List<Action<T?, T?>> _handlers = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T[]? _snapshot;
    private string? _version;

    internal Informer(KubeClient client, string? ns, ListQuery query, ILogger logger)
    {
        _client = client;
        _namespace = ns;
        _query = query;
        _logger = logger;
    }

    internal Action<ApiException>? OnRefused { get; init; }

    /// <summary>One object, or null.</summary>
    public T? Get(string? ns, string name)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(new ObjectKey(ns, name));
        }
    }

    /// <summary>All objects, as of now.</summary>
    public IReadOnlyList<T> List()
    {
        lock (_lock)
        {
            return _snapshot ??= [.. _objects.Values];
        }
    }

    /// <summary>
    /// Whether the cache has caught up with a version, such as that of an object its reader has just written; who wrote it
    /// waits for this before acting on the cache again. Versions that are not numbers cannot be compared and count as seen.
    /// </summary>
    public bool HasSeen(string? version)
    {
        lock (_lock)
        {
            return !long.TryParse(version, out var wanted) || !long.TryParse(_version, out var seen) || seen >= wanted;
        }
    }

    /// <summary>The objects that an index files under a key.</summary>
    public IReadOnlyList<T> ByIndex(string index, string key)
    {
        lock (_lock)
        {
            return _indexes[index].Entries.TryGetValue(key, out var keys) ? [.. keys.Select(k => _objects[k])] : [];
        }
    }

    /// <summary>Adds an index; objects already here are filed at once.</summary>
    public Informer<T> AddIndex(string name, Func<T, IEnumerable<string>> keys)
    {
        lock (_lock)
        {
            var index = new Index(keys);
            if (_indexes.TryAdd(name, index))
            {
                foreach (var (key, obj) in _objects)
                {
                    index.Add(key, obj);
                }
            }
        }

        return this;
    }

    /// <summary>Calls <paramref name="handler"/> with old and new: (null, x) for new, (x, null) for deleted. Objects already here are replayed as new. Disposing what is returned ends the calls.</summary>
    public IDisposable OnChange(Action<T?, T?> handler)
    {
        lock (_handlersLock)
        {
            _handlers.Add(handler);
            foreach (var obj in List())
            {
                handler(null, obj);
            }
        }

        return new Subscription(this, handler);
    }

    /// <inheritdoc/>
    public Task WaitForSyncAsync(CancellationToken ct) => _synced.Task.WaitAsync(ct);

    Task IInformer.RunAsync(CancellationToken ct) => FollowLoop.RunAsync(this, TimeProvider.System, ct);

    bool IFollower.MustList => _version is null;

    Task IFollower.ListAsync(CancellationToken ct) => ListAsync(ct);

    Task IFollower.WatchAsync(CancellationToken ct) => WatchAsync(ct);

    void IFollower.Forget() => _version = null;

    void IFollower.Interrupted(TimeSpan pause, Exception cause)
    {
        LogRetry(_logger, T.KubeKind.Plural, pause.TotalSeconds, cause.Message);
        if (cause is ApiException refusal)
        {
            OnRefused?.Invoke(refusal);
        }
    }

    private async Task ListAsync(CancellationToken ct)
    {
        var list = await _client.ListAsync<T>(_namespace, _query, ct).ConfigureAwait(false);
        var gone = new HashSet<ObjectKey>();
        lock (_lock)
        {
            gone.UnionWith(_objects.Keys);
        }

        foreach (var obj in list.Items)
        {
            gone.Remove(ObjectKey.Of(obj));
            Apply(obj, null);
        }

        foreach (var key in gone)
        {
            Remove(key, null);
        }

        Advance(list.Metadata.ResourceVersion);
        _synced.TrySetResult();
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        var query = new WatchQuery { LabelSelector = _query.LabelSelector, FieldSelector = _query.FieldSelector, ResourceVersion = _version };
        await foreach (var change in _client.WatchAsync<T>(_namespace, query, ct).ConfigureAwait(false))
        {
            if (change.Object is null)
            {
                continue;
            }

            var version = change.Object.Metadata.ResourceVersion;
            switch (change.Type)
            {
                case "BOOKMARK":
                    Advance(version);
                    break;
                case "DELETED":
                    Remove(ObjectKey.Of(change.Object), version);
                    break;
                default:
                    Apply(change.Object, version);
                    break;
            }
        }
    }

    private void Advance(string? version)
    {
        lock (_lock)
        {
            _version = version;
        }
    }

    // The version moves before handlers run: whoever they wake must find the cache as far as the event that woke them.
    private void Apply(T obj, string? version)
    {
        var key = ObjectKey.Of(obj);

        // Nobody reads these from a cache, and they are often larger than the object; an update without them keeps them.
        obj.Metadata.ManagedFields = null;
        SharedParts.Share(obj);
        T? old;
        lock (_lock)
        {
            _version = version ?? _version;
            old = _objects.GetValueOrDefault(key);
            if (old is not null && old.Metadata.ResourceVersion == obj.Metadata.ResourceVersion)
            {
                return;
            }

            _objects[key] = obj;
            _snapshot = null;
            foreach (var index in _indexes.Values)
            {
                index.Remove(key, old);
                index.Add(key, obj);
            }
        }

        Notify(old, obj);
    }

    private void Remove(ObjectKey key, string? version)
    {
        T? old;
        lock (_lock)
        {
            _version = version ?? _version;
            if (!_objects.Remove(key, out old))
            {
                return;
            }

            _snapshot = null;
            foreach (var index in _indexes.Values)
            {
                index.Remove(key, old);
            }
        }

        Notify(old, null);
    }

    private void Notify(T? old, T? @new)
    {
        lock (_handlersLock)
        {
            foreach (var handler in _handlers)
            {
                handler(old, @new);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "watch of {Resource} interrupted, trying again in {Seconds}s: {Reason}")]
    private static partial void LogRetry(ILogger logger, string resource, double seconds, string reason);

    private sealed class Subscription(Informer<T> informer, Action<T?, T?> handler) : IDisposable
    {
        public void Dispose()
        {
            lock (informer._handlersLock)
            {
                informer._handlers.Remove(handler);
            }
        }
    }

    private sealed class Index(Func<T, IEnumerable<string>> keys)
    {
        public Dictionary<string, HashSet<ObjectKey>> Entries { get; } = new(StringComparer.Ordinal);

        public void Add(ObjectKey key, T obj)
        {
            foreach (var value in keys(obj))
            {
                if (!Entries.TryGetValue(value, out var set))
                {
                    Entries[value] = set = [];
                }

                set.Add(key);
            }
        }

        public void Remove(ObjectKey key, T? obj)
        {
            if (obj is null)
            {
                return;
            }

            foreach (var value in keys(obj))
            {
                if (Entries.TryGetValue(value, out var set) && set.Remove(key) && set.Count == 0)
                {
                    Entries.Remove(value);
                }
            }
        }
    }
}

/// <summary>What every informer has, whatever its kind.</summary>
public interface IInformer
{
    /// <summary>Completes when the first list is in the cache and every handler has seen it.</summary>
    Task WaitForSyncAsync(CancellationToken ct);

    /// <summary>Lists and watches until cancelled; <see cref="InformerFactory"/> calls it.</summary>
    Task RunAsync(CancellationToken ct);
}
