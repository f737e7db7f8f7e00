namespace Sealos.Node.Tests.Probes;

/// <summary>A clock that moves only when told, firing the timers that fall due on the way, in order.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on in steps short enough for what wakes up to wait again before the next.</summary>
    public async Task AdvanceAsync(TimeSpan time, CancellationToken ct)
    {
        var end = GetUtcNow() + time;
        while (GetUtcNow() < end)
        {
            List<ManualTimer> due;
            lock (_lock)
            {
                var next = _timers.Where(t => t.Due is not null && t.Due <= end).Min(t => t.Due) ?? end;
                _now = next > _now ? next : _now;
                due = [.. _timers.Where(t => t.Due <= _now)];
                due.ForEach(t => t.Due = null);
            }

            due.ForEach(t => t.Fire());

            if (due.Count > 0)
            {
                await SettleAsync(ct);
            }
        }
    }

    /// <summary>Waits until what was woken, on whatever thread, waits again.</summary>
    public static async Task SettleAsync(CancellationToken ct)
    {
        for (var quiet = 0; quiet < 3; quiet = ThreadPool.PendingWorkItemCount == 0 ? quiet + 1 : 0)
        {
            await Task.Delay(5, ct);
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : time._now + dueTime;
                time._timers.Remove(this);
                time._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
