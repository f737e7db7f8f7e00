using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Desktop;
using Sealos.Host.Configuration;
using Sealos.Network.Dns;
using Sealos.Network.Gateway;

namespace Sealos.Host.Running;

/// <summary><c>sealos edge</c>: DNS, gateway and desktop, which meet strangers, as an unprivileged user fed by API watches alone.</summary>
public static class EdgeProcess
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    /// <summary>Runs until SIGTERM. While the API is away it answers from what it last knew. False when a component could not start.</summary>
    public static async Task<bool> RunAsync(CloudOptions options, TimeProvider time, CancellationToken ct)
    {
        using var loggers = HostLogging.Create();
        using var stop = new StopSignal(ct);
        var paths = new CloudPaths(options);
        var rooms = new RoomOptions(options);
        var config = await KubeConfig.LoadAsync(paths.EdgeKubeConfig, ct).ConfigureAwait(false);
        using var client = new KubeClient(config, "sealos-edge");
        await using var events = new EventRecorder(client, "dns", time, loggers.CreateLogger<EventRecorder>());
        await using var informers = new InformerFactory(client, loggers);
        List<Component> components =
        [
            new("dns", () => new DnsComponent(rooms.Dns, informers, time, loggers) { Events = events }),
            new("gateway", () => new GatewayComponent(rooms.Gateway, client, informers, time, loggers)),
            new("desktop", () => new DesktopComponent(rooms.Desktop(config), time, loggers)),
        ];
        var board = new ComponentBoard(paths.EdgeStatus, components.Select(c => c.Name), time);
        var runner = new ComponentRunner(components, board, loggers.CreateLogger<ComponentRunner>());
        try
        {
            informers.Start();
            if (!await runner.StartAsync(stop.Token).ConfigureAwait(false))
            {
                return false;
            }

            await MemoryKeeper.RunAsync(time, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            using var grace = new CancellationTokenSource(StopGrace);
            await runner.StopAsync(grace.Token).ConfigureAwait(false);
        }

        return true;
    }
}
