using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Http;
using Sealos.Store;

namespace Sealos.ApiServer.Watch;

/// <summary>
/// The caches of all kinds and the pump that feeds them from one store watch. Whoever writes waits until the caches
/// have seen the write, so every client reads its own writes and lists agree with watches.
/// </summary>
internal sealed partial class CacheSet(KeyValueStore store, TimeProvider time, ServerState state, ILogger<CacheSet> logger) : IAsyncDisposable
{
    /// <summary>What all keys of objects begin with.</summary>
    public const string Root = "/registry/";

    // History from before a restart that watches can resume in, so that a restart does not make every client list again.
    private const long ResumedRevisions = 1000;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(55);

    // Replaced whole when custom kinds come and go, so that everyone reads without a lock.
    private volatile Dictionary<string, KindCache> _byPrefix = new(StringComparer.Ordinal);
    private readonly HashSet<string> _builtIn = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private Task _pump = Task.CompletedTask;
    private ITimer? _ticker;
    private long _applied;
    private Exception? _failure;

    /// <summary>The revision up to which all caches have everything.</summary>
    public long Applied => Volatile.Read(ref _applied);

    public IEnumerable<KindCache> Caches => _byPrefix.Values;

    /// <summary>Adds a kind's cache; before <see cref="StartAsync"/>.</summary>
    public KindCache Add(string prefix, SelectableFields fields)
    {
        var cache = new KindCache(prefix, fields, time);
        _byPrefix.Add(prefix, cache);
        _builtIn.Add(prefix);
        return cache;
    }

    /// <summary>
    /// Adds a cache at run time, with what the store holds as of <paramref name="revision"/>. Called by the pump, from a handler of
    /// <see cref="KindCache.Changed"/> for that revision, so nothing that follows is missed. Answers null, and does nothing, where a
    /// built-in kind has its objects: nothing takes their cache from those who decide by it.
    /// </summary>
    public KindCache? AddLate(string prefix, SelectableFields fields, long revision)
    {
        if (_builtIn.Contains(prefix))
        {
            return null;
        }

        var cache = new KindCache(prefix, fields, time);
        cache.Load(revision == 0 ? [] : store.List(prefix, revision, null, 0), revision);
        var before = _byPrefix.GetValueOrDefault(prefix);
        _byPrefix = new Dictionary<string, KindCache>(_byPrefix, StringComparer.Ordinal) { [prefix] = cache };
        before?.End(cache);
        return cache;
    }

    /// <summary>Takes a cache away and ends its watches; called by the pump.</summary>
    public void Remove(string prefix)
    {
        if (!_builtIn.Contains(prefix) && _byPrefix.TryGetValue(prefix, out var cache))
        {
            var kept = new Dictionary<string, KindCache>(_byPrefix, StringComparer.Ordinal);
            kept.Remove(prefix);
            _byPrefix = kept;
            cache.End(null);
        }
    }

    /// <summary>Loads all objects and follows the store; done when the caches are level with it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var newest = store.Revision;
        var from = Math.Max(store.CompactedRevision, newest - ResumedRevisions);
        _applied = from;
        foreach (var (prefix, cache) in _byPrefix)
        {
            cache.Load(from == 0 ? [] : store.List(prefix, from, null, 0), from);
        }

        _pump = PumpAsync(from, _stopping.Token);
        await WaitForAsync(newest, cancellationToken).ConfigureAwait(false);
        _ticker = time.CreateTimer(_ => Tick(), null, TickInterval, TickInterval);
    }

    /// <summary>Completes when the caches have seen a revision.</summary>
    public Task WaitForAsync(long revision, CancellationToken cancellationToken)
    {
        if (Applied >= revision)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            if (Applied >= revision)
            {
                return Task.CompletedTask;
            }

            if (_failure is not null)
            {
                throw new InvalidOperationException("the API server no longer follows its store", _failure);
            }

            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter, revision);
            return waiter.Task.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_ticker is not null)
        {
            await _ticker.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var cache in _byPrefix.Values)
        {
            cache.CompleteWatchers();
        }

        await _pump.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task PumpAsync(long from, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in store.Watch(Root, from, cancellationToken).ConfigureAwait(false))
            {
                if (_byPrefix.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(PrefixOf(change.Key), out var cache))
                {
                    cache.Apply(change);
                }

                Volatile.Write(ref _applied, change.Revision);
                Release(change.Revision);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception e)
        {
            // The process boundary of this task: without it reads would grow stale in silence.
            Log.PumpFailed(logger, e);
            state.MarkStoreFailed();
            Fail(e);
        }
    }

    private static ReadOnlySpan<char> PrefixOf(string key)
    {
        var group = key.IndexOf('/', Root.Length);
        var plural = key.IndexOf('/', group + 1);
        return key.AsSpan(0, plural + 1);
    }

    private void Release(long revision)
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var waiter, out var wanted) && wanted <= revision)
            {
                _waiting.Dequeue();
                waiter.SetResult();
            }
        }
    }

    private void Fail(Exception error)
    {
        lock (_gate)
        {
            _failure = error;
            while (_waiting.TryDequeue(out var waiter, out _))
            {
                waiter.SetException(error);
            }
        }

        foreach (var cache in _byPrefix.Values)
        {
            cache.CompleteWatchers();
        }
    }

    private void Tick()
    {
        foreach (var cache in _byPrefix.Values)
        {
            cache.Tick(() => Applied);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "The watch on the store ended; the API server cannot go on")]
        public static partial void PumpFailed(ILogger logger, Exception error);
    }
}
