using Microsoft.Extensions.Hosting;
using Sealos.Node.Containerd;

namespace Sealos.Host.Running;

/// <summary>Has our containerd running while the server does. Stopping the server leaves it, and every container, alone.</summary>
internal sealed class ContainerdSupervisor : IHostedService, IDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(2);

    private readonly ContainerdDaemon _daemon;
    private readonly PeriodicCheck _check;

    public ContainerdSupervisor(ContainerdDaemon daemon, TimeProvider time)
    {
        _daemon = daemon;
        _check = new PeriodicCheck(CheckInterval, time, CheckAsync);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _daemon.EnsureRunningAsync(cancellationToken).ConfigureAwait(false);
        _check.Start();
    }

    public Task StopAsync(CancellationToken cancellationToken) => _check.StopAsync(cancellationToken);

    public void Dispose() => _check.Dispose();

    private async Task CheckAsync(CancellationToken ct)
    {
        if (_daemon.FindProcess() is not null)
        {
            return;
        }

        try
        {
            await _daemon.EnsureRunningAsync(ct).ConfigureAwait(false);
        }
        catch (ContainerdException)
        {
            // It has logged why; the next look tries again.
        }
    }
}
