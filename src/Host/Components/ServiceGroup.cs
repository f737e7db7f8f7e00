using Microsoft.Extensions.Hosting;

namespace Sealos.Host.Components;

/// <summary>Services that are one component: they start side by side and stop together.</summary>
internal sealed class ServiceGroup(params IReadOnlyList<IHostedService> services) : IHostedService, IAsyncDisposable
{
    public Task StartAsync(CancellationToken cancellationToken) => AllAsync(s => s.StartAsync(cancellationToken));

    public Task StopAsync(CancellationToken cancellationToken) => AllAsync(s => s.StopAsync(cancellationToken));

    public async ValueTask DisposeAsync()
    {
        // One after the other, whatever becomes of those before.
        var failures = new List<Exception>();
        foreach (var service in services)
        {
            try
            {
                await ComponentSwitch.DisposeAsync(service).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    // Also one that throws before it has a task to give keeps none of the others from its turn.
    private Task AllAsync(Func<IHostedService, Task> act) => Task.WhenAll(services.Select(async s => await act(s).ConfigureAwait(false)));
}
