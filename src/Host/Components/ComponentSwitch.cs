using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Host.Running;

namespace Sealos.Host.Components;

/// <summary>Starts and stops the components of one process, each apart from all others, and tells the process' board.</summary>
internal sealed partial class ComponentSwitch(IReadOnlyList<RemovableComponent> components, ComponentBoard board, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, IHostedService> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Attempt> _attempts = new(StringComparer.Ordinal);

    /// <summary>Brings it about that what is wanted runs and nothing else does. False when something could not start; a later call tries it again.</summary>
    public async Task<bool> ApplyAsync(IReadOnlySet<string> wanted, CancellationToken ct)
    {
        await BeginAsync(wanted, ct).ConfigureAwait(false);
        return await WhenTriedAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Stops what is not wanted and begins to start what is, unless it has failed just now: a start that takes long holds up nobody.</summary>
    public async Task BeginAsync(IReadOnlySet<string> wanted, CancellationToken ct)
    {
        await StopAsync([.. components.Where(c => !wanted.Contains(c.Info.Name)).Select(c => c.Info.Name)], isRemoval: true).ConfigureAwait(false);
        foreach (var component in components.Where(c => wanted.Contains(c.Info.Name)))
        {
            Begin(component, ct);
        }
    }

    /// <summary>Completes when every start has ended. False when one did not succeed.</summary>
    public async Task<bool> WhenTriedAsync(CancellationToken ct) =>
        (await Task.WhenAll(_attempts.Values.Select(a => a.Done)).WaitAsync(ct).ConfigureAwait(false)).All(d => d);

    /// <summary>Has the next call try a component at once, however often it has failed.</summary>
    public void Retry(string name)
    {
        if (_attempts.TryGetValue(name, out var attempt))
        {
            attempt.Pause = TimeSpan.Zero;
        }
    }

    /// <summary>Has the next call try every component at once.</summary>
    public void Retry()
    {
        foreach (var name in _attempts.Keys)
        {
            Retry(name);
        }
    }

    /// <summary>Stops everything, because the process ends.</summary>
    public Task StopAllAsync() => StopAsync([.. components.Select(c => c.Info.Name)], isRemoval: false);

    private void Begin(RemovableComponent component, CancellationToken ct)
    {
        var name = component.Info.Name;
        var last = _attempts.GetValueOrDefault(name);
        if (last is not null && (!last.Done.IsCompleted || last.HasSucceeded || time.GetElapsedTime(last.Ended) < last.Pause))
        {
            return;
        }

        last?.Stop.Dispose();
        Task<bool>[] needed = [.. component.Info.Needs.Where(_attempts.ContainsKey).Select(n => _attempts[n].Done)];
        var attempt = new Attempt(CancellationTokenSource.CreateLinkedTokenSource(ct)) { Pause = last?.Pause ?? TimeSpan.Zero };
        _attempts[name] = attempt;
        if (component.Create is not null && board.Find(name)?.State != "waiting")
        {
            // Before anybody takes an earlier failure for this one's.
            board.Set(name, "starting");
        }

        attempt.Done = Task.Run(() => StartAsync(component, needed, attempt), CancellationToken.None);
    }

    private async Task<bool> StartAsync(RemovableComponent component, Task<bool>[] needed, Attempt attempt)
    {
        var name = component.Info.Name;
        if (!(await Task.WhenAll(needed).ConfigureAwait(false)).All(n => n))
        {
            board.Set(name, "waiting", "what it needs does not run");
            return false;
        }

        if (component.Create is null)
        {
            return attempt.HasSucceeded = true;
        }

        IHostedService? service = null;
        var ct = attempt.Stop.Token;
        board.Set(name, "starting");
        if (component.CanStart?.Invoke() == false)
        {
            return false;
        }

        try
        {
            service = component.Create();
            await service.StartAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // One component's failure is its own; what keeps running tells it and tries again.
            attempt.Ended = time.GetTimestamp();
            attempt.Pause = attempt.Pause == TimeSpan.Zero ? FirstPause : attempt.Pause * 2 < LongestPause ? attempt.Pause * 2 : LongestPause;
            board.Set(name, ct.IsCancellationRequested ? "stopped" : "failed", e.Message);
            LogFailed(logger, name, e);
            await TryDisposeAsync(name, service).ConfigureAwait(false);
            return false;
        }

        if (ct.IsCancellationRequested)
        {
            // Nobody waits for it any more.
            await StopAsync(name, service).ConfigureAwait(false);
            return false;
        }

        lock (_running)
        {
            _running.Add(name, service);
        }

        board.Set(name, "running");
        LogStarted(logger, name);
        return attempt.HasSucceeded = true;
    }

    private async Task StopAsync(IReadOnlyList<string> names, bool isRemoval)
    {
        var hasStopped = false;
        foreach (var name in names.Reverse())
        {
            if (_attempts.Remove(name, out var attempt))
            {
                await attempt.Stop.CancelAsync().ConfigureAwait(false);
                await ((Task)attempt.Done).WaitAsync(StopGrace, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                attempt.Stop.Dispose();
            }

            if (TakeRunning(name) is { } service)
            {
                await StopAsync(name, service).ConfigureAwait(false);
                hasStopped = true;
            }
        }

        if (!isRemoval)
        {
            return;
        }

        if (hasStopped)
        {
            MemoryKeeper.Release();
        }

        foreach (var name in names)
        {
            board.Remove(name);
        }
    }

    private async Task StopAsync(string name, IHostedService service)
    {
        board.Set(name, "stopping");
        using var grace = new CancellationTokenSource(StopGrace);
        try
        {
            await service.StopAsync(grace.Token).ConfigureAwait(false);
            LogStopped(logger, name);
        }
        catch (Exception e)
        {
            // It is gone for everybody else, and the next start makes a new one.
            LogFailed(logger, name, e);
        }

        // Also what would not stop must let go of what the next one needs.
        await TryDisposeAsync(name, service).ConfigureAwait(false);

        board.Set(name, "stopped");
    }

    private IHostedService? TakeRunning(string name)
    {
        lock (_running)
        {
            return _running.Remove(name, out var service) ? service : null;
        }
    }

    private async Task TryDisposeAsync(string name, object? service)
    {
        try
        {
            await DisposeAsync(service).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogFailed(logger, name, e);
        }
    }

    internal static async Task DisposeAsync(object? service)
    {
        switch (service)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Component} is running")]
    private static partial void LogStarted(ILogger logger, string component);

    [LoggerMessage(2, LogLevel.Information, "{Component} has stopped")]
    private static partial void LogStopped(ILogger logger, string component);

    [LoggerMessage(3, LogLevel.Error, "{Component} failed")]
    private static partial void LogFailed(ILogger logger, string component, Exception exception);

    /// <summary>One start of a component, under way or ended.</summary>
    private sealed class Attempt(CancellationTokenSource stop)
    {
        public CancellationTokenSource Stop => stop;

        public Task<bool> Done { get; set; } = Task.FromResult(false);

        public bool HasSucceeded { get; set; }

        public long Ended { get; set; }

        /// <summary>How long to leave it alone after its failure.</summary>
        public TimeSpan Pause { get; set; }
    }
}
