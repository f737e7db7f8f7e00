using System.Net;

namespace Sealos.Network.Services;

/// <summary>How services are carried on this host.</summary>
public sealed record ServiceProxyOptions
{
    /// <summary>The cloud's name on this host; prefixes the table.</summary>
    public string Instance { get; init; } = "sealos";

    /// <summary>Addresses of pods.</summary>
    public IPNetwork PodRange { get; init; } = IPNetwork.Parse("10.208.0.0/16");

    /// <summary>Addresses of services.</summary>
    public IPNetwork ServiceRange { get; init; } = IPNetwork.Parse("10.209.0.0/16");

    /// <summary>This node, whose endpoints are the local ones.</summary>
    public required string NodeName { get; init; }

    /// <summary>
    /// Whether a service's <c>externalIPs</c> are carried. Off by default: whoever may create a service could take any
    /// address, the node's own too, away from everybody.
    /// </summary>
    public bool AllowExternalIPs { get; init; }

    /// <summary>Ports of the node that the cloud itself listens on; no pod gets one as its hostPort.</summary>
    public IReadOnlySet<int> ReservedPorts { get; init; } = new HashSet<int>();

    /// <summary>How long changes are gathered before they go to the kernel together.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromMilliseconds(20);
}
