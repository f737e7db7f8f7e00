using Microsoft.Extensions.Logging;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Store;

namespace Sealos.ApiServer.Bootstrap;

/// <summary>Deletes Events an hour after they were last written. Costs only what expires.</summary>
internal sealed partial class EventExpiry : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Resource _events;
    private readonly ObjectStore _store;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Queue<(DateTimeOffset Written, string Namespace, string Name, long Revision)> _written = new();
    private Task _sweeping = Task.CompletedTask;

    public EventExpiry(Resource events, ObjectStore store, TimeSpan lifetime, TimeProvider time, ILogger logger)
    {
        _events = events;
        _store = store;
        _lifetime = lifetime;
        _time = time;
        _logger = logger;
        events.Cache.Changed += Follow;
    }

    public void Start() => _sweeping = SweepAsync(_stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _sweeping.ConfigureAwait(false);
        _stopping.Dispose();
    }

    // After a restart all events that are there count as written now: they live at most one lifetime longer.
    private void Follow(WatchEvent change)
    {
        if (change.Type != WatchEventType.Deleted)
        {
            lock (_gate)
            {
                _written.Enqueue((_time.GetUtcNow(), change.Subject.Namespace, change.Subject.Name, change.Revision));
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                while (TryDequeue() is { } expired)
                {
                    await DeleteAsync(expired.Namespace, expired.Name, expired.Revision).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private (string Namespace, string Name, long Revision)? TryDequeue()
    {
        lock (_gate)
        {
            if (_written.TryPeek(out var oldest) && _time.GetUtcNow() - oldest.Written >= _lifetime)
            {
                _written.Dequeue();
                return (oldest.Namespace, oldest.Name, oldest.Revision);
            }

            return null;
        }
    }

    private async Task DeleteAsync(string @namespace, string name, long revision)
    {
        // Written again since: a later entry in the queue stands for that.
        if (_events.Cache.Get(@namespace, name)?.Revision != revision)
        {
            return;
        }

        try
        {
            await _store.DeleteAsync(_events, @namespace, name, revision).ConfigureAwait(false);
        }
        catch (RevisionConflictException)
        {
            // Written again just now.
        }
        catch (StoreException e)
        {
            Log.DeleteFailed(_logger, @namespace, name, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "Expired event {Namespace}/{Name} could not be deleted")]
        public static partial void DeleteFailed(ILogger logger, string @namespace, string name, Exception error);
    }
}
