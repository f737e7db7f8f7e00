using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>
/// The pods that wait for a node. Ready ones go by priority, then by age. One that fits nowhere waits until something it was
/// blocked by changes (or five minutes), and at least for a backoff that grows from one second to ten.
/// </summary>
internal sealed class SchedulingQueue : IDisposable
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastBackoff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Flush = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, WaitingPod> _pods = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(WaitingPod Pod, int Version), (long Priority, long Order)> _ready = new();
    private readonly PriorityQueue<(WaitingPod Pod, int Version), long> _timed = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly ITimer _timer;
    private long _order;

    public SchedulingQueue(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => FireDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many pods it knows of, ready or not.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _pods.Count;
            }
        }
    }

    /// <summary>Adds a pod, or takes note of its new form; a change that may make it fit brings it forward at once.</summary>
    public void Set(Pod pod, bool hasChanged)
    {
        lock (_lock)
        {
            if (!_pods.TryGetValue(pod.Metadata.Uid!, out var waiting))
            {
                _pods[pod.Metadata.Uid!] = waiting = new WaitingPod(pod, _order++);
                MakeReady(waiting);
                return;
            }

            waiting.Pod = pod;
            if (hasChanged)
            {
                Wake(waiting, Blockers.Pod, mayBackOff: false);
            }
        }
    }

    /// <summary>Forgets a pod.</summary>
    public void Remove(string uid)
    {
        lock (_lock)
        {
            if (_pods.Remove(uid, out var waiting))
            {
                waiting.Version++;
            }
        }
    }

    /// <summary>Waits for the next pod; it is given back with <see cref="Wait"/> or <see cref="Retry"/>, or forgotten.</summary>
    public async Task<WaitingPod> TakeAsync(CancellationToken ct)
    {
        while (true)
        {
            await _signal.WaitAsync(ct).ConfigureAwait(false);
            lock (_lock)
            {
                var (waiting, version) = _ready.Dequeue();
                if (waiting.Version == version)
                {
                    waiting.State = WaitingState.Taken;
                    waiting.Attempts++;
                    waiting.LastAttempt = _time.GetUtcNow();
                    waiting.MissedChanges = Blockers.None;
                    return waiting;
                }
            }
        }
    }

    /// <summary>The pod fits nowhere now; it waits for <paramref name="blockers"/>.</summary>
    public void Wait(WaitingPod waiting, Blockers blockers)
    {
        lock (_lock)
        {
            if (!IsKnown(waiting))
            {
                return;
            }

            waiting.Blockers = blockers;
            waiting.State = WaitingState.Blocked;
            if ((waiting.MissedChanges & (blockers | Blockers.Pod)) != 0)
            {
                BackOff(waiting);
                return;
            }

            Schedule(waiting, Flush);
        }
    }

    /// <summary>Something went wrong that may not go wrong again.</summary>
    public void Retry(WaitingPod waiting)
    {
        lock (_lock)
        {
            if (IsKnown(waiting))
            {
                BackOff(waiting);
            }
        }
    }

    /// <summary>What was to be done so that a pod fits was not done; it is tried again soon.</summary>
    public void RetrySoon(string uid)
    {
        lock (_lock)
        {
            if (_pods.TryGetValue(uid, out var waiting))
            {
                Wake(waiting, Blockers.All, mayBackOff: true);
            }
        }
    }

    /// <summary>Something changed; pods it may help are tried again.</summary>
    public void Move(Blockers changed)
    {
        lock (_lock)
        {
            foreach (var waiting in _pods.Values)
            {
                Wake(waiting, changed, mayBackOff: true);
            }
        }
    }

    /// <summary>What these pods waited for has happened; those of them that wait are tried at once.</summary>
    public void BringForward(IEnumerable<string> uids)
    {
        lock (_lock)
        {
            foreach (var uid in uids)
            {
                if (_pods.TryGetValue(uid, out var waiting))
                {
                    Wake(waiting, Blockers.Pod, mayBackOff: false);
                }
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private bool IsKnown(WaitingPod waiting) => _pods.TryGetValue(waiting.Pod.Metadata.Uid!, out var known) && known == waiting;

    private void Wake(WaitingPod waiting, Blockers changed, bool mayBackOff)
    {
        if (waiting.State == WaitingState.Taken)
        {
            waiting.MissedChanges |= changed;
        }
        else if (!mayBackOff && waiting.State != WaitingState.Ready)
        {
            MakeReady(waiting);
        }
        else if (waiting.State == WaitingState.Blocked && (waiting.Blockers & changed) != 0)
        {
            BackOff(waiting);
        }
    }

    private void MakeReady(WaitingPod waiting)
    {
        waiting.State = WaitingState.Ready;
        waiting.Version++;
        _ready.Enqueue((waiting, waiting.Version), (-(long)(waiting.Pod.Spec!.Priority ?? 0), waiting.Order));
        _signal.Release();
    }

    private void BackOff(WaitingPod waiting)
    {
        var backoff = FirstBackoff * Math.Pow(2, Math.Min(waiting.Attempts - 1, 10));
        var left = waiting.LastAttempt + (backoff < LastBackoff ? backoff : LastBackoff) - _time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            MakeReady(waiting);
            return;
        }

        waiting.State = WaitingState.BackingOff;
        Schedule(waiting, left);
    }

    private void Schedule(WaitingPod waiting, TimeSpan delay)
    {
        waiting.Version++;
        _timed.Enqueue((waiting, waiting.Version), (_time.GetUtcNow() + delay).UtcTicks);
        ArmTimer();
    }

    private void ArmTimer()
    {
        if (_timed.TryPeek(out _, out var due))
        {
            var left = TimeSpan.FromTicks(due - _time.GetUtcNow().UtcTicks);
            _timer.Change(left > TimeSpan.Zero ? left + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void FireDue()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow().UtcTicks;
            while (_timed.TryPeek(out var entry, out var due) && due <= now)
            {
                _timed.Dequeue();
                if (entry.Pod.Version == entry.Version)
                {
                    MakeReady(entry.Pod);
                }
            }

            ArmTimer();
        }
    }
}

/// <summary>Where a waiting pod stands.</summary>
internal enum WaitingState
{
    Ready,
    Taken,
    Blocked,
    BackingOff,
}

/// <summary>A pod that waits for a node, and how its attempts went.</summary>
internal sealed class WaitingPod(Pod pod, long order)
{
    public Pod Pod { get; set; } = pod;

    /// <summary>Its place among pods of its priority.</summary>
    public long Order => order;

    public WaitingState State { get; set; }

    /// <summary>Raised whenever it moves, which makes its older entries void.</summary>
    public int Version { get; set; }

    public int Attempts { get; set; }

    public DateTimeOffset LastAttempt { get; set; }

    public Blockers Blockers { get; set; }

    /// <summary>What was last told of it, and when.</summary>
    public string? LastMessage { get; set; }

    public long LastReport { get; set; }

    /// <summary>What changed while it was being tried.</summary>
    public Blockers MissedChanges { get; set; }
}
