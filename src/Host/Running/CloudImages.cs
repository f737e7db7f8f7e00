using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Host.Configuration;
using Sealos.Node.Images;

namespace Sealos.Host.Running;

/// <summary>The images of a cloud on this machine, reached through its containerd while it runs.</summary>
public sealed class CloudImages(CloudOptions options, TimeProvider time)
{
    /// <summary>Imports an archive and returns the names of its images.</summary>
    /// <exception cref="IOException">The cloud is not running, or it is no image archive.</exception>
    public async Task<IReadOnlyList<string>> LoadAsync(Stream archive, CancellationToken ct)
    {
        using var images = Open();
        try
        {
            return await images.LoadAsync(archive, ct).ConfigureAwait(false);
        }
        catch (ImageException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Every image.</summary>
    /// <exception cref="IOException">The cloud is not running.</exception>
    public async Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken ct)
    {
        using var images = Open();
        return await images.ListAsync(ct).ConfigureAwait(false);
    }

    private MachineImages Open()
    {
        if (!CloudState.Read(options, time).IsRunning)
        {
            throw new IOException("the cloud is not running: start it with 'sealos up'");
        }

        return MachineImages.Open(new RoomOptions(options).Node.ContainerdSocket, time, NullLoggerFactory.Instance);
    }
}
