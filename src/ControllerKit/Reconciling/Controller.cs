using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;

namespace Sealos.ControllerKit.Reconciling;

/// <summary>Runs a reconciler over a queue of keys; the one place where the four outcomes of a reconcile are handled.</summary>
public sealed partial class Controller : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(300);

    private readonly string _name;
    private readonly IReconciler _reconciler;
    private readonly ILogger _logger;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ConcurrentDictionary<ObjectKey, int> _failures = new();

    /// <summary>A controller; <paramref name="name"/> is what logs call it.</summary>
    public Controller(string name, IReconciler reconciler, ILogger logger, TimeProvider time)
    {
        _name = name;
        _reconciler = reconciler;
        _logger = logger;
        _queue = new WorkQueue<ObjectKey>(time);
    }

    /// <summary>Asks for a key to be reconciled.</summary>
    public void Enqueue(ObjectKey key) => _queue.Add(key);

    /// <summary>Asks for a key to be reconciled later.</summary>
    public void EnqueueAfter(ObjectKey key, TimeSpan delay) => _queue.AddAfter(key, delay);

    /// <summary>Works on keys with <paramref name="workers"/> at a time until cancelled.</summary>
    public Task RunAsync(int workers, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(ct), CancellationToken.None)));

    /// <inheritdoc/>
    public void Dispose() => _queue.Dispose();

    private async Task WorkAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            ObjectKey key;
            try
            {
                key = await _queue.TakeAsync(ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await ReconcileAsync(key, ct).ConfigureAwait(false);
            _queue.Release(key);
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        try
        {
            var result = await _reconciler.ReconcileAsync(key, ct).ConfigureAwait(false);
            _failures.TryRemove(key, out _);
            if (result.Again is { } delay)
            {
                _queue.AddAfter(key, delay);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        catch (TerminalException e)
        {
            _failures.TryRemove(key, out _);
            LogTerminal(_logger, _name, key, e.Message);
        }
        catch (Exception e)
        {
            var failures = _failures.AddOrUpdate(key, 1, (_, n) => n + 1);
            var delay = TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(failures - 1, 20)));

            // A conflict or a briefly absent server is the ordinary course of things; only what persists is worth a line.
            if (failures > 3 || e is not (ApiException { IsTransient: true } or HttpRequestException))
            {
                LogFailed(_logger, _name, key, delay.TotalSeconds, e);
            }

            _queue.AddAfter(key, delay);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Controller} gives up on {Key}: {Reason}")]
    private static partial void LogTerminal(ILogger logger, string controller, ObjectKey key, string reason);

    [LoggerMessage(2, LogLevel.Warning, "{Controller} failed on {Key}, trying again in {Seconds}s")]
    private static partial void LogFailed(ILogger logger, string controller, ObjectKey key, double seconds, Exception exception);
}
