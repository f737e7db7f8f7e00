using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Sealos.Network.PodNetwork;

/// <summary>
/// Makes room in the kernel's table of link addresses. Each pod takes two places of it, the node's entry for the pod and the pod's for
/// its gateway, in one table for the whole machine; its usual 1,024 are full at some 500 pods, and from then on packets are dropped
/// at random, which people see as connections that take a second or fail.
/// </summary>
internal sealed partial class NeighbourTable(string folder, ILogger logger)
{
    /// <summary>Where the kernel's limits stand. Only the machine's own network namespace has them.</summary>
    public const string KernelFolder = "/proc/sys/net/ipv4/neigh/default";

    // Nothing is collected below the first, some of it above the second, and nothing more is taken at the third. The largest first: the
    // kernel does not look whether they are in order, but a first above a third would collect for nothing in between.
    private static readonly (string File, int AtLeast)[] Limits = [("gc_thresh3", 32_768), ("gc_thresh2", 16_384), ("gc_thresh1", 8_192)];

    /// <summary>Raises the limits that are lower; those an operator has set higher stay.</summary>
    public void Widen()
    {
        foreach (var (file, atLeast) in Limits)
        {
            var path = Path.Combine(folder, file);
            try
            {
                if (File.Exists(path) && int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) < atLeast)
                {
                    File.WriteAllText(path, atLeast.ToString(CultureInfo.InvariantCulture));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                Log.CannotWiden(logger, file, atLeast, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "net.ipv4.neigh.default.{Limit} cannot be raised to {AtLeast} ({Reason}): with some hundred pods connections will fail; raise it on the machine")]
        public static partial void CannotWiden(ILogger logger, string limit, int atLeast, string reason);
    }
}
