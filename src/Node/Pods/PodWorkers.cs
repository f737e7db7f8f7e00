using Microsoft.Extensions.Logging;
using Sealos.Kinds.Core;
using Sealos.Node.Exec;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Sealos.Node.Probes;

namespace Sealos.Node.Pods;

/// <summary>All pods of this node: hands what changes to each pod's worker, and looks after what no pod owns.</summary>
internal sealed partial class PodWorkers : IPodLookup, IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    // What somebody has taken too much of is to be free at once.
    private static readonly TimeSpan EvictionGrace = TimeSpan.FromSeconds(1);

    private readonly PodTools _tools;
    private readonly GarbageCollector _garbage;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodWorker> _workers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Namespace, string Name), string> _byName = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _tidying = Task.CompletedTask;
    private bool _isSynced;

    /// <summary>No pods yet.</summary>
    public PodWorkers(PodTools tools, GarbageCollector garbage)
    {
        _tools = tools;
        _garbage = garbage;
        tools.Runtime.Changed += Wake;
        tools.Runtime.Relisted += Tidy;
        tools.Probes.Changed += OnVerdict;
        tools.Probes.Failed += OnProbeFailed;
        tools.Volumes.LimitExceeded += Evict;
    }

    /// <summary>A pod bound to this node has come (null, pod), changed, or gone (pod, null).</summary>
    public void OnChange(Pod? old, Pod? pod)
    {
        // Step 3 of a pod: the watch brings it to a worker of its own.
        lock (_lock)
        {
            if (old is not null && old.Uid != pod?.Uid && _workers.TryGetValue(old.Uid, out var former))
            {
                former.Remove();
            }

            if (pod is null)
            {
                return;
            }

            _byName[(pod.Namespace, pod.Name)] = pod.Uid;
            if (_workers.TryGetValue(pod.Uid, out var worker))
            {
                worker.Update(pod);
            }
            else
            {
                Add(pod);
            }
        }
    }

    /// <summary>Every pod of the API has been handed over: what else there is belongs to nobody.</summary>
    public void SetSynced()
    {
        _isSynced = true;
        Tidy();
    }

    /// <inheritdoc/>
    public IReadOnlyList<Pod> List()
    {
        lock (_lock)
        {
            return [.. _workers.Values.Select(w => w.Snapshot)];
        }
    }

    /// <summary>The pods that the API still has: whatever else runs has made room already as far as others know.</summary>
    public IReadOnlyList<Pod> ListPresent()
    {
        lock (_lock)
        {
            return [.. _workers.Values.Where(w => !w.IsRemoved).Select(w => w.Snapshot)];
        }
    }

    /// <summary>Who has ended or gone, as far as others know.</summary>
    public IReadOnlyList<string> ListEnded()
    {
        lock (_lock)
        {
            return [.. _workers.Where(w => w.Value.IsRemoved || w.Value.Snapshot.IsFinished).Select(w => w.Key)];
        }
    }

    /// <summary>Pods that were let in before this agent was there keep their room, whoever comes before their workers have looked.</summary>
    public IReadOnlyList<string> CountRunning(IEnumerable<Pod> pods)
    {
        var counted = new List<string>();
        foreach (var pod in pods.Where(p => !p.IsFinished && !IsKnown(p.Uid)))
        {
            var runtime = _tools.Runtime.Get(pod.Uid);
            if (pod.Status?.StartTime is not null || runtime.Sandboxes.Count > 0)
            {
                _tools.Room.Give(pod.Uid, PodResizer.Remember(pod, runtime));
                counted.Add(pod.Uid);
            }
        }

        return counted;
    }

    /// <summary>Whoever was counted and has gone before a worker was there for it has its room no more.</summary>
    public void ForgetGone(IEnumerable<string> counted)
    {
        foreach (var uid in counted.Where(u => !IsKnown(u)))
        {
            _tools.Room.Release(uid);
        }
    }

    /// <inheritdoc/>
    public Pod? Find(string ns, string name)
    {
        lock (_lock)
        {
            return _byName.TryGetValue((ns, name), out var uid) && _workers.TryGetValue(uid, out var worker) ? worker.Snapshot : null;
        }
    }

    /// <inheritdoc/>
    public string? FindSandbox(string podUid) => _tools.Runtime.Get(podUid).Sandbox is { IsReady: true } sandbox ? sandbox.Id : null;

    /// <inheritdoc/>
    public bool HasContainer(string podUid, string container, string id) => _tools.Runtime.Get(podUid).Containers.Any(c => c.Id == id && c.Name == container);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _tools.Runtime.Changed -= Wake;
        _tools.Runtime.Relisted -= Tidy;
        _tools.Probes.Changed -= OnVerdict;
        _tools.Probes.Failed -= OnProbeFailed;
        _tools.Volumes.LimitExceeded -= Evict;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _tidying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        List<PodWorker> workers;
        lock (_lock)
        {
            workers = [.. _workers.Values];
        }

        await Task.WhenAll(workers.Select(w => w.DisposeAsync().AsTask())).ConfigureAwait(false);
        _stop.Dispose();
    }

    private PodWorker Add(Pod pod)
    {
        var worker = new PodWorker(pod.IsStatic && _tools.StaticApi is { } mirrored ? _tools with { Api = mirrored } : _tools, pod);
        _workers.Add(pod.Uid, worker);
        _ = ForgetWhenGoneAsync(pod, worker);
        return worker;
    }

    private async Task ForgetWhenGoneAsync(Pod pod, PodWorker worker)
    {
        await worker.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        lock (_lock)
        {
            _workers.Remove(pod.Uid);
            if (_byName.GetValueOrDefault((pod.Namespace, pod.Name)) == pod.Uid)
            {
                _byName.Remove((pod.Namespace, pod.Name));
            }
        }

        await worker.DisposeAsync().ConfigureAwait(false);
    }

    private void OnVerdict(ProbeResultChange change) => Wake(change.PodUid);

    private void OnProbeFailed(ProbeFailure failure) => _tools.Api.Warning(failure.Pod, "Unhealthy", failure.Message, failure.Container);

    /// <summary>Ends a pod that has taken more of the disk than it may; the message says of what.</summary>
    public void Evict(Pod pod, string message)
    {
        lock (_lock)
        {
            if (_workers.TryGetValue(pod.Uid, out var worker) && !worker.Snapshot.IsFinished)
            {
                if (worker.Fail(new PodFailure("Evicted", message) { Grace = EvictionGrace }))
                {
                    _tools.Api.Warning(pod, "Evicted", message);
                }
            }
        }
    }

    /// <summary>Whether something is still being done about a pod of this name.</summary>
    public bool IsWorkedOn(string ns, string name) => Find(ns, name) is not null;

    /// <summary>Waits until nothing runs of the static pods that this one takes the place of.</summary>
    public async Task WaitForFormerAsync(Pod pod, CancellationToken ct)
    {
        if (!pod.IsStatic)
        {
            return;
        }

        List<Task> former;
        lock (_lock)
        {
            former = [.. _workers.Values.Where(w => w.Snapshot.Uid != pod.Uid && PortConflicts.IsReplaced(w.Snapshot, pod) && w.IsEnding).Select(w => w.Ended)];
        }

        await Task.WhenAll(former).WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends a pod for a reason of the machine's, and returns once nothing of it runs and the API knows why, or that takes too long.
    /// A pod whose end nobody was told of would be started again by the next agent.
    /// </summary>
    public async Task EndAsync(Pod pod, PodFailure failure, CancellationToken ct)
    {
        PodWorker? worker;
        lock (_lock)
        {
            if (!_workers.TryGetValue(pod.Uid, out worker) || worker.Snapshot.IsFinished)
            {
                return;
            }

            if (worker.Fail(failure))
            {
                _tools.Api.Warning(pod, failure.Reason, failure.Message);
            }
        }

        var limit = EndPatience + (failure.Grace ?? pod.Grace);
        await worker.WaitForEndAsync(ct).WaitAsync(limit, _tools.Time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>Removes what finished pods have left in the runtime.</summary>
    public async Task CollectFinishedAsync(CancellationToken ct)
    {
        foreach (var pod in List().Where(p => p.IsFinished))
        {
            var runtime = _tools.Runtime.Get(pod.Uid);
            if (!runtime.IsAnythingAlive && runtime.Containers.Count > 0)
            {
                await _tools.Killer.RemoveAsync(runtime, ct).ConfigureAwait(false);
                await _tools.Runtime.RefreshAsync(pod.Uid, ct).ConfigureAwait(false);
            }
        }
    }

    private void Wake(string uid)
    {
        lock (_lock)
        {
            if (_workers.TryGetValue(uid, out var worker))
            {
                worker.Wake();
            }
        }
    }

    private void Tidy()
    {
        lock (_lock)
        {
            if (_isSynced && _tidying.IsCompleted && !_stop.IsCancellationRequested)
            {
                _tidying = Task.Run(() => TidyAsync(_stop.Token), CancellationToken.None);
            }
        }
    }

    private bool IsKnown(string uid)
    {
        lock (_lock)
        {
            return _workers.ContainsKey(uid);
        }
    }

    private async Task TidyAsync(CancellationToken ct)
    {
        try
        {
            var runtime = _tools.Runtime.List();
            lock (_lock)
            {
                foreach (var orphan in runtime.Where(p => !_workers.ContainsKey(p.Uid)))
                {
                    LogOrphan(_tools.Logger, orphan.Namespace, orphan.Name);
                    Add(OrphanPod.From(orphan)).Remove();
                }
            }

            foreach (var pod in runtime)
            {
                await _garbage.CollectAsync(pod, ct).ConfigureAwait(false);
            }

            await _garbage.SweepAsync(IsKnown, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            LogTidyFailed(_tools.Logger, e);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "pod {Namespace}/{Name} is in the runtime but not in the API; removing it")]
    private static partial void LogOrphan(ILogger logger, string @namespace, string name);

    [LoggerMessage(2, LogLevel.Warning, "looking after what pods left behind failed")]
    private static partial void LogTidyFailed(ILogger logger, Exception exception);
}
