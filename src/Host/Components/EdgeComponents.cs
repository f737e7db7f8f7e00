using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Desktop;
using Sealos.Desktop.Apps.Launchpad;
using Sealos.Host.Configuration;
using Sealos.Host.Running;
using Sealos.Network.Dns;
using Sealos.Network.Gateway;

namespace Sealos.Host.Components;

/// <summary>The components of the edge: runs those that the API's Components want, from the first answer of the API on.</summary>
internal sealed class EdgeComponents : IAsyncDisposable
{
    /// <summary>Their name as a whole on the edge's board.</summary>
    public const string Name = "components";

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private readonly ComponentBoard _board;
    private readonly InformerFactory _informers;
    private readonly EventRecorder _events;
    private readonly ComponentSwitch _switch;
    private readonly ComponentWishes _wishes;

    public EdgeComponents(RoomOptions rooms, KubeClient client, ComponentBoard board, TimeProvider time, ILoggerFactory loggers)
    {
        _board = board;
        _informers = new InformerFactory(client, loggers);
        _events = new EventRecorder(client, "dns", time, loggers.CreateLogger<EventRecorder>());
        var desktop = rooms.Desktop(client.Config);
        RemovableComponent[] components =
        [
            new(ComponentCatalog.Dns) { Create = () => OwningService.With(_informers.Share(), i => new DnsComponent(rooms.Dns, i, time, loggers) { Events = _events }) },
            new(ComponentCatalog.Gateway) { Create = () => OwningService.With(_informers.Share(), i => new GatewayComponent(rooms.Gateway, client, i, time, loggers)) },
            new(ComponentCatalog.Desktop) { Create = () => new DesktopComponent(desktop, time, loggers) },
            new(ComponentCatalog.Launchpad) { Create = () => new LaunchpadComponent(desktop.Apps) },
        ];
        _switch = new ComponentSwitch(components, board, time, loggers.CreateLogger<EdgeComponents>());
        _wishes = new ComponentWishes(ComponentCatalog.All, _informers.For<CloudComponent>());
    }

    /// <summary>Runs until cancelled. While the API is away, what runs goes on.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        _board.Set(Name, "starting");
        _informers.Start();
        await _informers.WaitForSyncAsync(ct).ConfigureAwait(false);
        while (true)
        {
            var isDone = await _switch.ApplyAsync(_wishes.Wanted(), ct).ConfigureAwait(false);
            _board.Set(Name, "running");
            if (await _wishes.WaitAsync(isDone ? Timeout.InfiniteTimeSpan : Again, ct).ConfigureAwait(false))
            {
                _switch.Retry();
            }
        }
    }

    /// <summary>Stops everything, because the process ends.</summary>
    public Task StopAsync() => _switch.StopAllAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _wishes.Dispose();
        await _informers.DisposeAsync().ConfigureAwait(false);
        await _events.DisposeAsync().ConfigureAwait(false);
    }
}
