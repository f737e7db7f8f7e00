using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Host.Configuration;
using Sealos.Network.PodNetwork;
using Sealos.Node.Containerd;

namespace Sealos.Host.Running;

/// <summary>Stops a cloud, and removes one: the reverse of everything <c>up</c> and the server set up.</summary>
/// <param name="options">Which cloud.</param>
/// <param name="time">The clock.</param>
/// <param name="say">Told of each step.</param>
public sealed class CloudTeardown(CloudOptions options, TimeProvider time, Action<string> say)
{
    private readonly CloudPaths _paths = new(options);
    private readonly RoomOptions _rooms = new(options);

    /// <summary>Stops processes and containers and takes the network down; data is kept.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        await StopProcessesAsync(ct).ConfigureAwait(false);
        await StopInstancesAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Stops the cloud and removes every trace of it, data included.</summary>
    public async Task RemoveAsync(CancellationToken ct)
    {
        await StopProcessesAsync(ct).ConfigureAwait(false);

        // On a full disk containerd needs this room to stop containers in order.
        Delete(Path.GetDirectoryName(_paths.Store)!);
        await StopInstancesAsync(ct).ConfigureAwait(false);
        await Node().RemoveTracesAsync(ct).ConfigureAwait(false);
        new CloudLauncher(options, time).RemoveUnit();
        foreach (var folder in new[] { options.RunFolder, options.LogFolder, options.DataFolder })
        {
            Delete(folder);
        }

        say("  data, images and logs removed");
    }

    private async Task StopProcessesAsync(CancellationToken ct)
    {
        await new CloudLauncher(options, time).StopAsync(ct).ConfigureAwait(false);
        say("  server and edge stopped");
    }

    private async Task StopInstancesAsync(CancellationToken ct)
    {
        var pods = await Node().StopAsync(ct).ConfigureAwait(false);
        say($"  {pods} instances stopped");
        await PodNetworkComponent.RemoveAsync(_rooms.PodNetwork, ct).ConfigureAwait(false);
        say("  network removed");
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private NodeTeardown Node() => new(_rooms.Node, time, NullLoggerFactory.Instance);
}
