using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sealos.Host.Running;

/// <summary>One component of a process: its name, how it is made and whether others wait for it.</summary>
/// <param name="Name">As the status table shows it.</param>
/// <param name="Create">Makes it; called when its turn comes, so that it finds what started before it.</param>
public sealed record Component(string Name, Func<IHostedService> Create);

/// <summary>Starts components in order, keeps the board true, and stops them in reverse.</summary>
public sealed partial class ComponentRunner(IReadOnlyList<Component> components, ComponentBoard board, ILogger logger)
{
    private readonly Stack<(string Name, IHostedService Service)> _running = new();

    /// <summary>Starts all; false when one failed, which the board and the log say.</summary>
    public async Task<bool> StartAsync(CancellationToken ct)
    {
        foreach (var component in components)
        {
            board.Set(component.Name, "starting");
            try
            {
                var service = component.Create();
                await service.StartAsync(ct).ConfigureAwait(false);
                _running.Push((component.Name, service));
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                board.Set(component.Name, "failed", e.Message);
                LogFailed(logger, component.Name, e);
                return false;
            }

            board.Set(component.Name, "running");
            LogStarted(logger, component.Name);
        }

        return true;
    }

    /// <summary>Stops all in reverse order; one that fails to stop does not keep the others from stopping.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        while (_running.TryPop(out var entry))
        {
            try
            {
                await entry.Service.StopAsync(ct).ConfigureAwait(false);
                board.Set(entry.Name, "stopped");
            }
            catch (Exception e)
            {
                board.Set(entry.Name, "failed", e.Message);
                LogFailed(logger, entry.Name, e);
            }

            switch (entry.Service)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Component} is running")]
    private static partial void LogStarted(ILogger logger, string component);

    [LoggerMessage(2, LogLevel.Error, "{Component} failed")]
    private static partial void LogFailed(ILogger logger, string component, Exception exception);
}
