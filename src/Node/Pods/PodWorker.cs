using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;

namespace Sealos.Node.Pods;

/// <summary>
/// Brings one pod to where it should be, step by step, as long as it exists: syncing while it runs, terminating once it is deleted,
/// finished or failed, gone at the end. All work on a pod happens here, one thing after another; whatever changes only wakes it.
/// </summary>
internal sealed partial class PodWorker : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly PodTools _tools;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _alarm;
    private readonly PodStatusWriter _writer;
    private readonly Backoff _backoff;
    private readonly PodResizer _resizer;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _work;
    private CancellationTokenSource? _sync;
    private Pod _pod;
    private bool _isRemoved;
    private DateTimeOffset _alarmAt = DateTimeOffset.MaxValue;
    private TimeSpan _retry = FirstRetry;

    /// <summary>Begins to work on a pod.</summary>
    public PodWorker(PodTools tools, Pod pod)
    {
        _tools = tools;
        _pod = pod;
        _alarm = tools.Time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _writer = new PodStatusWriter(tools.Api, tools.Time, tools.Logger);
        _backoff = new Backoff(tools.Time);
        _resizer = new PodResizer(tools, tools.Cri);
        Snapshot = pod;
        Wake();
        _work = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>The pod with its status as this node knows it now.</summary>
    public Pod Snapshot { get; private set; }

    /// <summary>Whether the API no longer has the pod, of which something may still run.</summary>
    public bool IsRemoved
    {
        get
        {
            lock (_lock)
            {
                return _isRemoved;
            }
        }
    }

    /// <summary>Whether the pod is to end, or has.</summary>
    public bool IsEnding
    {
        get
        {
            lock (_lock)
            {
                return _isRemoved || _pod.IsDeleting;
            }
        }
    }

    /// <summary>Completes once nothing of the pod runs any more, whether or not the API knows.</summary>
    public Task Ended => Task.WhenAny(_ended.Task, _work);

    /// <summary>Completes when nothing is left of the pod.</summary>
    public Task Completion => _work;

    /// <summary>The pod has changed in the API.</summary>
    public void Update(Pod pod)
    {
        lock (_lock)
        {
            // A deletion, or a shorter grace, does not wait for what is under way.
            if ((pod.IsDeleting && !_pod.IsDeleting) || (pod.IsDeleting && pod.Grace < _pod.Grace))
            {
                _sync?.Cancel();
            }

            _pod = pod;
        }

        Wake();
    }

    /// <summary>The pod is no longer in the API.</summary>
    public void Remove()
    {
        lock (_lock)
        {
            _isRemoved = true;
            _sync?.Cancel();
        }

        Wake();
    }

    /// <summary>The node ends the pod, for the reason given; false where it is being ended already, and no later than this asks for.</summary>
    public bool Fail(PodFailure failure)
    {
        lock (_lock)
        {
            if (_failure is not null && (failure.Grace is not { } grace || _failure.Grace <= grace))
            {
                return false;
            }

            _failure = failure;
            _sync?.Cancel();
        }

        Wake();
        return true;
    }

    /// <summary>Waits until nothing of the pod runs any more and that is written.</summary>
    public async Task WaitForEndAsync(CancellationToken ct)
    {
        await Ended.WaitAsync(ct).ConfigureAwait(false);
        await _writer.FlushAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Has the pod looked at again.</summary>
    public void Wake() => _wakes.Writer.TryWrite(true);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);

        // What must not be cut short gets a moment to end; a runtime that hangs must not hold up the whole server.
        await _work.WaitAsync(StopPatience, _tools.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _writer.FlushAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _alarm.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var _ in _wakes.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            {
                if (await SyncOnceAsync(ct).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }

    // Whether the pod is gone for good.
    private async Task<bool> SyncOnceAsync(CancellationToken ct)
    {
        using var sync = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Pod pod;
        bool isRemoved;
        lock (_lock)
        {
            (_sync, pod, isRemoved) = (sync, _pod, _isRemoved);
            _alarmAt = DateTimeOffset.MaxValue;
        }

        try
        {
            var isGone = await SyncAsync(_writer.Newest(pod), isRemoved, sync.Token).ConfigureAwait(false);
            _retry = FirstRetry;
            return isGone;
        }
        catch (OperationCanceledException) when (sync.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // The pod has changed under our hands; its own wake brings us back.
            Wake();
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            LogFailed(_tools.Logger, pod.Namespace, pod.Name, _retry.TotalSeconds, e.Message);
            WakeAfter(_retry);
            _retry = _retry * 2 < LastRetry ? _retry * 2 : LastRetry;
            return false;
        }
        finally
        {
            lock (_lock)
            {
                _sync = null;
            }
        }
    }

    private void WakeAfter(TimeSpan delay)
    {
        lock (_lock)
        {
            var at = _tools.Time.GetUtcNow() + delay;
            if (at < _alarmAt)
            {
                _alarmAt = at;
                _alarm.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "what pod {Namespace}/{Name} runs on is not kept up to date: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string @namespace, string name, string reason);

    [LoggerMessage(3, LogLevel.Warning, "pod {Namespace}/{Name} could not be resized yet: {Reason}")]
    private static partial void LogNotResized(ILogger logger, string @namespace, string name, string reason);

    [LoggerMessage(1, LogLevel.Warning, "pod {Namespace}/{Name} could not be brought to where it should be, trying again in {Seconds}s: {Reason}")]
    private static partial void LogFailed(ILogger logger, string @namespace, string name, double seconds, string reason);
}
