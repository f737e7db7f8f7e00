using Microsoft.Extensions.Hosting;
using Sealos.Node.Containerd;

namespace Sealos.Host.Running;

/// <summary>Has our containerd running while the server does. Stopping the server leaves it, and every container, alone.</summary>
internal sealed class ContainerdSupervisor(ContainerdDaemon daemon, TimeProvider time) : IHostedService, IDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stop = new();
    private Task _watch = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await daemon.EnsureRunningAsync(cancellationToken).ConfigureAwait(false);
        _watch = WatchAsync(_stop.Token);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watch.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    private async Task WatchAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(CheckInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
            {
                if (daemon.FindProcess() is null)
                {
                    await RestartAsync(ct).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task RestartAsync(CancellationToken ct)
    {
        try
        {
            await daemon.EnsureRunningAsync(ct).ConfigureAwait(false);
        }
        catch (ContainerdException)
        {
            // It has logged why; the next tick tries again.
        }
    }
}
