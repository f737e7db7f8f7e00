using Microsoft.Extensions.Hosting;

namespace Sealos.Host.Components;

/// <summary>Services that are one component: they start side by side and stop together.</summary>
internal sealed class ServiceGroup(params IReadOnlyList<IHostedService> services) : IHostedService, IAsyncDisposable
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(services.Select(s => s.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(services.Select(s => s.StopAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        foreach (var service in services)
        {
            await ComponentSwitch.DisposeAsync(service).ConfigureAwait(false);
        }
    }
}
