using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Host.Components;

namespace Sealos.Host.Running;

/// <summary>One component of a process: its name and how it is made.</summary>
/// <param name="Name">As the status table shows it.</param>
/// <param name="Create">Makes it; called when its turn comes, so that it finds what started before it.</param>
/// <param name="After">The components that must run before it starts; all stand before it in the list.</param>
public sealed record Component(string Name, Func<IHostedService> Create, params IReadOnlyList<string> After);

/// <summary>
/// Starts each component as soon as what it needs runs, keeps the board true, and stops them in reverse order.
/// </summary>
public sealed partial class ComponentRunner(IReadOnlyList<Component> components, ComponentBoard board, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IHostedService> _running = [];

    /// <summary>Starts all; false when one failed, which the board and the log say.</summary>
    public async Task<bool> StartAsync(CancellationToken ct)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var starts = new Dictionary<string, Task<bool>>();
        foreach (var component in components)
        {
            Task<bool>[] needed = [.. component.After.Select(name => starts[name])];
            starts[component.Name] = Task.Run(() => StartAsync(component, needed, failed), CancellationToken.None);
        }

        var started = await Task.WhenAll(starts.Values).ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        return started.All(s => s);
    }

    /// <summary>Stops all in reverse order; one that fails to stop does not keep the others from stopping.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        foreach (var component in components.Reverse())
        {
            if (_running.Remove(component.Name, out var service))
            {
                await StopAsync(component.Name, service, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> StartAsync(Component component, Task<bool>[] needed, CancellationTokenSource failed)
    {
        if (!(await Task.WhenAll(needed).ConfigureAwait(false)).All(n => n))
        {
            return false;
        }

        board.Set(component.Name, "starting");
        try
        {
            var service = component.Create();
            await service.StartAsync(failed.Token).ConfigureAwait(false);
            lock (_lock)
            {
                _running.Add(component.Name, service);
            }
        }
        catch (OperationCanceledException) when (failed.IsCancellationRequested)
        {
            board.Set(component.Name, "stopped");
            return false;
        }
        catch (Exception e)
        {
            board.Set(component.Name, "failed", e.Message);
            LogFailed(logger, component.Name, e);

            // The others would start for nothing.
            await failed.CancelAsync().ConfigureAwait(false);
            return false;
        }

        board.Set(component.Name, "running");
        LogStarted(logger, component.Name);
        return true;
    }

    private async Task StopAsync(string name, IHostedService service, CancellationToken ct)
    {
        try
        {
            await service.StopAsync(ct).ConfigureAwait(false);
            board.Set(name, "stopped");
        }
        catch (Exception e)
        {
            board.Set(name, "failed", e.Message);
            LogFailed(logger, name, e);
        }

        await ComponentSwitch.DisposeAsync(service).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Information, "{Component} is running")]
    private static partial void LogStarted(ILogger logger, string component);

    [LoggerMessage(2, LogLevel.Error, "{Component} failed")]
    private static partial void LogFailed(ILogger logger, string component, Exception exception);
}
