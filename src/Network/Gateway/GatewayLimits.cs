using System.Globalization;

namespace Sealos.Network.Gateway;

/// <summary>Bounds that keep strangers from exhausting the gateway; sized for a process with 20,000 descriptors.</summary>
public sealed record GatewayLimits
{
    private const int MostDescriptors = 100_000;
    private const int Spare = 500;

    /// <summary>Client connections at once, without upgraded ones.</summary>
    public int Connections { get; init; } = 6_000;

    /// <summary>WebSocket connections at once.</summary>
    public int Tunnels { get; init; } = 3_000;

    /// <summary>Connections at once from one client address.</summary>
    public int ConnectionsPerClient { get; init; } = 3_000;

    /// <summary>Connections to apps at once.</summary>
    public int BackendConnections { get; init; } = 9_000;

    /// <summary>Connections to one instance at once.</summary>
    public int ConnectionsPerInstance { get; init; } = 3_000;

    /// <summary>Bytes of all request headers together.</summary>
    public int HeaderBytes { get; init; } = 64 * 1024;

    /// <summary>Number of request headers.</summary>
    public int HeaderCount { get; init; } = 100;

    /// <summary>Bytes of the request line.</summary>
    public int RequestLineBytes { get; init; } = 16 * 1024;

    /// <summary>Time for a client to send all its headers, and for the TLS handshake.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client connection may stay open without a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Bytes a second below which a body is taken for an attack.</summary>
    public double MinBodyRate { get; init; } = 240;

    /// <summary>How long a body may be slower than that.</summary>
    public TimeSpan MinBodyRateGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Certificates held ready at once; the others are loaded again when asked for.</summary>
    public int CachedCertificates { get; init; } = 1_024;

    /// <summary>How long a stopping gateway waits for requests to end.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Limits under which the gateway never asks for more descriptors than a process may hold.</summary>
    public static GatewayLimits ForDescriptors(int descriptors)
    {
        var room = Math.Max(Math.Min(descriptors, MostDescriptors) - Spare, 100);
        return new GatewayLimits
        {
            Connections = room * 32 / 100,
            Tunnels = room * 16 / 100,
            ConnectionsPerClient = room * 16 / 100,
            BackendConnections = room * 48 / 100,
            ConnectionsPerInstance = room * 16 / 100,
        };
    }

    /// <summary>Limits for the descriptors that this very process may hold.</summary>
    public static GatewayLimits ForThisProcess()
    {
        foreach (var line in File.ReadLines("/proc/self/limits"))
        {
            // "Max open files            20000                20000                files"
            if (line.StartsWith("Max open files", StringComparison.Ordinal))
            {
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return ForDescriptors(int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : MostDescriptors);
            }
        }

        return new GatewayLimits();
    }
}
