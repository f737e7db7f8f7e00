using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>
/// Takes waiting pods one by one, decides on a node from memory and goes on to the next while the binding is written. A pod
/// counts as placed from the decision on, so that the next one sees it.
/// </summary>
internal sealed class PodScheduler : IDisposable
{
    public const string Name = "default-scheduler";
    private const string GatedMessage = "Scheduling is blocked due to non-empty scheduling gates";
    private const int WritesAtOnce = 32;
    private static readonly TimeSpan ReportAgain = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly ClusterState _cluster;
    private readonly SchedulingQueue _queue;
    private readonly PodBinder _binder;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writes = new(WritesAtOnce);
    private readonly ConcurrentDictionary<Task, byte> _writing = new();

    public PodScheduler(PodBinder binder, ClusterState cluster, ILogger logger, TimeProvider time)
    {
        _cluster = cluster;
        _queue = new SchedulingQueue(time);
        _binder = binder;
        _logger = logger;
        _time = time;
    }

    /// <summary>Takes note of a node that came, changed or went.</summary>
    public void Observe(Node? old, Node? now)
    {
        lock (_lock)
        {
            _cluster.SetNode((now ?? old)!.Metadata.Name!, now);
        }

        if (now is not null && HasChanged(old, now))
        {
            _queue.Move(Blockers.All);
        }
    }

    /// <summary>Takes note of a pod that came, changed or went.</summary>
    public void Observe(Pod? old, Pod? now)
    {
        if (old is not null && old.Metadata.Uid != now?.Metadata.Uid)
        {
            Leave(old.Metadata.Uid!);
        }

        if (now is null)
        {
            return;
        }

        if (PodState.IsTerminal(now))
        {
            Leave(now.Metadata.Uid!);
        }
        else if (PodState.NodeName(now) is { } node)
        {
            Place(old, now, node);
        }
        else if (now.Metadata.DeletionTimestamp is not null)
        {
            Leave(now.Metadata.Uid!);
        }
        else if (now.Spec?.SchedulerName is null or "" or Name)
        {
            Enqueue(old, now);
        }
    }

    /// <summary>Takes note of a change of a claim, for which these pods may wait.</summary>
    public void ObserveClaim(IEnumerable<Pod> users) => _queue.BringForward(users.Where(p => PodState.NodeName(p) is null).Select(p => p.Metadata.Uid!));

    /// <summary>Takes note of a change of volumes or classes.</summary>
    public void ObserveStorage() => _queue.Move(Blockers.Storage);

    /// <summary>Schedules until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                var waiting = await _queue.TakeAsync(ct).ConfigureAwait(false);
                var placement = Decide(waiting.Pod);
                await WriteAsync(placement.Node is not null ? () => BindAsync(waiting, placement, ct) : () => WaitAsync(waiting, placement, ct), ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }

        await Task.WhenAll(_writing.Keys).ConfigureAwait(false);
    }

    public void Dispose() => _queue.Dispose();

    private Placement Decide(Pod pod)
    {
        lock (_lock)
        {
            var placed = new PlacedPod(pod);
            var placement = Placing.Find(placed, _cluster);
            if (placement.Node is { } node)
            {
                _cluster.Place(placed, node);
                _cluster.Forget(placed.Uid);
            }
            else if (placement.Preemption is not null)
            {
                _cluster.Nominate(placed, placement.Preemption.Node);
            }

            return placement;
        }
    }

    private async Task WriteAsync(Func<Task> write, CancellationToken ct)
    {
        await _writes.WaitAsync(ct).ConfigureAwait(false);
        var task = Task.Run(write, CancellationToken.None);
        _writing[task] = 0;
        _ = task.ContinueWith(
            t =>
            {
                _writing.TryRemove(t, out _);
                _writes.Release();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async Task BindAsync(WaitingPod waiting, Placement placement, CancellationToken ct)
    {
        var (pod, node) = (waiting.Pod, placement.Node!);
        try
        {
            if (placement.Claims.Count > 0)
            {
                // Its volumes are bound or made for this node first; it comes back when its claims say so.
                Unplace(pod, node);
                _queue.Wait(waiting, Blockers.Storage | Blockers.Pod);
                await _binder.ChooseAsync(placement, ct).ConfigureAwait(false);
            }
            else if (await _binder.BindAsync(pod, node, ct).ConfigureAwait(false))
            {
                _queue.Remove(pod.Metadata.Uid!);
            }
            else
            {
                Unplace(pod, node);
                _queue.Retry(waiting);
            }
        }
        catch (Exception e)
        {
            Unplace(pod, node);
            _queue.Retry(waiting);
            if (e is not OperationCanceledException)
            {
                Log.BindingFailed(_logger, pod.Metadata.Namespace!, pod.Metadata.Name!, node, e);
            }
        }
    }

    private Task WaitAsync(WaitingPod waiting, Placement placement, CancellationToken ct)
    {
        // Of many pods that wait, each is tried whenever another goes; the same words each time would be most of what is written.
        var isNews = waiting.LastMessage != placement.Message || placement.Preemption is not null || _time.GetElapsedTime(waiting.LastReport) > ReportAgain;
        if (isNews)
        {
            waiting.LastMessage = placement.Message;
            waiting.LastReport = _time.GetTimestamp();
        }

        _queue.Wait(waiting, placement.Blockers);
        return isNews ? ReportAsync(waiting.Pod, "Unschedulable", placement, ct) : Task.CompletedTask;
    }

    private async Task ReportAsync(Pod pod, string reason, Placement placement, CancellationToken ct)
    {
        try
        {
            await _binder.ReportAsync(pod, reason, placement, ct).ConfigureAwait(false);
            foreach (var victim in placement.Preemption?.Victims ?? [])
            {
                await _binder.PreemptAsync(victim.Pod, pod, placement.Preemption!.Node, ct).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or OperationCanceledException)
        {
            Log.ReportFailed(_logger, pod.Metadata.Namespace!, pod.Metadata.Name!, e.Message);
            if (placement.Preemption is not null)
            {
                _queue.RetrySoon(pod.Metadata.Uid!);
            }
        }
    }

    private void Enqueue(Pod? old, Pod now)
    {
        if (now.Spec!.SchedulingGates is { Count: > 0 })
        {
            _queue.Remove(now.Metadata.Uid!);
            if (PodState.Condition(now, "PodScheduled")?.Reason != "SchedulingGated")
            {
                _ = WriteAsync(() => ReportAsync(now, "SchedulingGated", new Placement(null, GatedMessage, Blockers.Pod), CancellationToken.None), CancellationToken.None);
            }

            return;
        }

        var hasChanged = old is not null && (!HasSameLabels(old, now) || !JsonSame.As(old.Spec, now.Spec));
        _queue.Set(now, hasChanged);
    }

    private void Place(Pod? old, Pod now, string node)
    {
        bool isNews;
        bool isResized;
        var request = Resources.RequestOf(now);
        lock (_lock)
        {
            _cluster.Forget(now.Metadata.Uid!);

            // What a bound pod asks for changes when it is resized, its labels whenever somebody likes, and others may be placed by them.
            isResized = _cluster.Find(now.Metadata.Uid!) is { } known && !known.Request.IsSameAs(request);
            isNews = _cluster.NodeOf(now.Metadata.Uid!) != node || !HasSameLabels(old, now) || isResized;
            if (isNews)
            {
                _cluster.Place(new PlacedPod(now), node);
            }
            else
            {
                _cluster.Refresh(now);
            }
        }

        _queue.Remove(now.Metadata.Uid!);
        if (isNews || old is null || PodState.NodeName(old) is null)
        {
            _queue.Move(isResized ? Blockers.Room | Blockers.Company : Blockers.Company);
        }
    }

    private void Leave(string uid)
    {
        _queue.Remove(uid);
        bool wasPlaced;
        lock (_lock)
        {
            wasPlaced = _cluster.Remove(uid);
            _cluster.Forget(uid);
        }

        if (wasPlaced)
        {
            _queue.Move(Blockers.Room | Blockers.Company);
        }
    }

    private void Unplace(Pod pod, string node)
    {
        lock (_lock)
        {
            if (_cluster.NodeOf(pod.Metadata.Uid!) == node)
            {
                _cluster.Remove(pod.Metadata.Uid!);
            }
        }
    }

    private static bool HasSameLabels(Pod? old, Pod now) =>
        (old?.Metadata.Labels?.Count ?? 0) == (now.Metadata.Labels?.Count ?? 0) && LabelSelectors.Matches(old?.Metadata.Labels, now.Metadata.Labels);

    private static bool HasChanged(Node? old, Node now) =>
        old is null
        || (old.Spec?.Unschedulable ?? false) != (now.Spec?.Unschedulable ?? false)
        || !JsonSame.As(old.Metadata.Labels, now.Metadata.Labels)
        || !JsonSame.As(old.Spec?.Taints, now.Spec?.Taints)
        || !JsonSame.As(old.Status?.Allocatable, now.Status?.Allocatable);
}
