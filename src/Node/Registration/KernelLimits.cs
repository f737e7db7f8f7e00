using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Sealos.Node.Registration;

/// <summary>
/// Raises the limits of the kernel that a machine full of pods runs into, and that are too low by default because they are for one
/// person's programs. Those that an operator has set higher stay; no pod's own limits depend on them.
/// </summary>
internal sealed partial class KernelLimits(string folder, ILogger logger)
{
    /// <summary>Where the kernel has them.</summary>
    public const string Folder = "/proc/sys";

    private static readonly (string Name, long AtLeast)[] Limits =
    [
        // Each pod takes two places of the machine's one table of link addresses, the node's entry for it and its own for the gateway.
        // The usual 1,024 are taken at some 500 pods; from then on packets are dropped at random, and connections take a second or
        // fail. Nothing is collected below the first limit. Only the machine's own network namespace has them.
        ("net/ipv4/neigh/default/gc_thresh3", 32_768),
        ("net/ipv4/neigh/default/gc_thresh2", 16_384),
        ("net/ipv4/neigh/default/gc_thresh1", 8_192),

        // One number for all of a user id, that is for root in all containers. Many programs watch their configuration: the 129th of
        // .NET's web servers crashes at its start.
        ("fs/inotify/max_user_instances", 65_536),
        ("fs/inotify/max_user_watches", 1_048_576),

        // Threads count, too: a shim has a dozen, a runtime with a garbage collector some twenty. The most there can be on 64 bits.
        ("kernel/pid_max", 4_194_304),
    ];

    /// <summary>Raises what is lower; what cannot be raised is said in the log.</summary>
    public void Raise()
    {
        foreach (var (name, atLeast) in Limits)
        {
            var path = Path.Combine(folder, name);
            try
            {
                if (File.Exists(path) && long.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) < atLeast)
                {
                    File.WriteAllText(path, atLeast.ToString(CultureInfo.InvariantCulture));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                LogCannotRaise(logger, name.Replace('/', '.'), atLeast, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Limit} cannot be raised to {AtLeast} ({Reason}): some hundred pods will run into it; raise it on the machine")]
    private static partial void LogCannotRaise(ILogger logger, string limit, long atLeast, string reason);
}
