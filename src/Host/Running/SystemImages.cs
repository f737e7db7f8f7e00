using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sealos.Host.Configuration;
using Sealos.Node.Images;

namespace Sealos.Host.Running;

/// <summary>Has the images that come with the program in containerd before any pod needs them.</summary>
internal sealed class SystemImages(string containerdSocket, TimeProvider time, ILoggerFactory loggers) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var images = MachineImages.Open(containerdSocket, time, loggers);
        await images.EnsureBuiltInAsync(RoomOptions.ImagePrograms, cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
