using Sealos.Host.Configuration;
using Sealos.Node.Gvisor;

namespace Sealos.Host.Running;

/// <summary>Whether gVisor can be offered on this machine.</summary>
public static class CloudGvisor
{
    /// <summary>Tries it.</summary>
    /// <returns>What was found, for a person; null when nothing has changed since it was added.</returns>
    /// <exception cref="IOException">It cannot be; the message says what to install.</exception>
    public static async Task<string?> VerifyAsync(CloudOptions options, CancellationToken ct)
    {
        try
        {
            return await new RoomOptions(options).Gvisor.VerifyAsync(ct).ConfigureAwait(false);
        }
        catch (GvisorException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
