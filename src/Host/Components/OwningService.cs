using Microsoft.Extensions.Hosting;

namespace Sealos.Host.Components;

/// <summary>A service together with what was made for it alone, such as its share in a process' watches; that goes after it.</summary>
internal sealed class OwningService(IHostedService service, object owned) : IHostedService, IAsyncDisposable
{
    public Task StartAsync(CancellationToken cancellationToken) => service.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => service.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await ComponentSwitch.DisposeAsync(service).ConfigureAwait(false);
        await ComponentSwitch.DisposeAsync(owned).ConfigureAwait(false);
    }

    /// <summary>Gives a service something to own.</summary>
    public static OwningService With<T>(T owned, Func<T, IHostedService> create)
        where T : notnull => new(create(owned), owned);
}
