using Sealos.ControllerKit.Client;
using Sealos.Host.Components;
using Sealos.Host.Configuration;

namespace Sealos.Host.Running;

/// <summary><c>sealos edge</c>: DNS, gateway and desktop, which meet strangers, as an unprivileged user fed by API watches alone.</summary>
public static class EdgeProcess
{
    /// <summary>Runs until SIGTERM. While the API is away it answers from what it last knew.</summary>
    public static async Task RunAsync(CloudOptions options, TimeProvider time, CancellationToken ct)
    {
        using var loggers = HostLogging.Create();
        using var stop = new StopSignal(ct);
        var paths = new CloudPaths(options);
        using var client = new KubeClient(await KubeConfig.LoadAsync(paths.EdgeKubeConfig, ct).ConfigureAwait(false), "sealos-edge");
        var board = new ComponentBoard(paths.EdgeStatus, [EdgeComponents.Name], time);
        await using var components = new EdgeComponents(new RoomOptions(options), client, board, time, loggers);
        try
        {
            await Task.WhenAll(components.RunAsync(stop.Token), MemoryKeeper.RunAsync(time, stop.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            await components.StopAsync().ConfigureAwait(false);
        }
    }
}
