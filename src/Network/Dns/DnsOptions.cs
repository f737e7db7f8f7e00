using System.Net;

namespace Sealos.Network.Dns;

/// <summary>What cluster DNS answers, where it listens and whom it asks.</summary>
public sealed record DnsOptions
{
    /// <summary>Where to listen, by UDP and TCP. The address need not exist yet.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new(IPAddress.Parse("10.209.0.10"), 53)];

    /// <summary>The zone of services and pods.</summary>
    public string Zone { get; init; } = "cluster.local";

    /// <summary>Addresses of pods.</summary>
    public IPNetwork PodRange { get; init; } = IPNetwork.Parse("10.208.0.0/16");

    /// <summary>Addresses of services.</summary>
    public IPNetwork ServiceRange { get; init; } = IPNetwork.Parse("10.209.0.0/16");

    /// <summary>The cloud's domain: it and every name under it are answered with <see cref="GatewayAddress"/>.</summary>
    public string? CloudDomain { get; init; }

    /// <summary>The gateway, as pods reach it.</summary>
    public IPAddress? GatewayAddress { get; init; }

    /// <summary>The host's list of name servers, which are asked for everything else.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    /// <summary>Name servers to ask instead of those in <see cref="ResolvConf"/>.</summary>
    public IReadOnlyList<IPEndPoint> Upstreams { get; init; } = [];

    /// <summary>How many foreign answers are kept.</summary>
    public int CacheEntries { get; init; } = 10_000;

    /// <summary>Seconds that clients may keep an answer about the cluster.</summary>
    public int TimeToLive { get; init; } = 5;

    /// <summary>How long one name server may take.</summary>
    public TimeSpan UpstreamTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after one question of our own the next finds out whether silent name servers answer again.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);
}
