using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Host.Running;

namespace Sealos.Host.Components;

/// <summary>Starts and stops the components of one process, each apart from all others, and tells the process' board.</summary>
internal sealed partial class ComponentSwitch(IReadOnlyList<RemovableComponent> components, ComponentBoard board, ILogger logger)
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, IHostedService> _running = new(StringComparer.Ordinal);

    /// <summary>Brings it about that what is wanted runs and nothing else does. False when something could not start; it is tried again at the next call.</summary>
    public async Task<bool> ApplyAsync(IReadOnlySet<string> wanted, CancellationToken ct)
    {
        await StopAsync([.. components.Where(c => !wanted.Contains(c.Info.Name)).Select(c => c.Info.Name)], isRemoval: true).ConfigureAwait(false);
        var starts = new Dictionary<string, Task<bool>>(StringComparer.Ordinal);
        foreach (var component in components.Where(c => wanted.Contains(c.Info.Name)))
        {
            Task<bool>[] needed = [.. component.Info.Needs.Where(starts.ContainsKey).Select(n => starts[n])];
            starts[component.Info.Name] = Task.Run(() => StartAsync(component, needed, ct), CancellationToken.None);
        }

        return (await Task.WhenAll(starts.Values).ConfigureAwait(false)).All(s => s);
    }

    /// <summary>Stops everything, because the process ends.</summary>
    public Task StopAllAsync() => StopAsync([.. components.Select(c => c.Info.Name)], isRemoval: false);

    private async Task<bool> StartAsync(RemovableComponent component, Task<bool>[] needed, CancellationToken ct)
    {
        var name = component.Info.Name;
        if (!(await Task.WhenAll(needed).ConfigureAwait(false)).All(n => n))
        {
            board.Set(name, "waiting", "what it needs does not run");
            return false;
        }

        lock (_running)
        {
            if (component.Create is null || _running.ContainsKey(name))
            {
                return true;
            }
        }

        IHostedService? service = null;
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
            board.Set(name, ct.IsCancellationRequested ? "stopped" : "failed", e.Message);
            LogFailed(logger, name, e);
            await DisposeAsync(service).ConfigureAwait(false);
            return false;
        }

        lock (_running)
        {
            _running.Add(name, service);
        }

        board.Set(name, "running");
        LogStarted(logger, name);
        return true;
    }

    private async Task StopAsync(IReadOnlyList<string> names, bool isRemoval)
    {
        var hasStopped = false;
        foreach (var name in names.Reverse())
        {
            if (_running.Remove(name, out var service))
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
            await DisposeAsync(service).ConfigureAwait(false);
            LogStopped(logger, name);
        }
        catch (Exception e)
        {
            // It is gone for everybody else, and the next start makes a new one.
            LogFailed(logger, name, e);
        }

        board.Set(name, "stopped");
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
}
