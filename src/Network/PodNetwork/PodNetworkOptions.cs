using System.Net;

namespace Sealos.Network.PodNetwork;

/// <summary>Where the pod network lives on this host.</summary>
public sealed record PodNetworkOptions
{
    /// <summary>The cloud's name on this host; prefixes tables, links and the CNI network.</summary>
    public string Instance { get; init; } = "sealos";

    /// <summary>Addresses of pods; its first address is the node's own, the gateway of every pod.</summary>
    public IPNetwork PodRange { get; init; } = IPNetwork.Parse("10.208.0.0/16");

    /// <summary>Addresses of services.</summary>
    public IPNetwork ServiceRange { get; init; } = IPNetwork.Parse("10.209.0.0/16");

    /// <summary>The address cluster DNS answers on, inside <see cref="ServiceRange"/>.</summary>
    public IPAddress DnsAddress { get; init; } = IPAddress.Parse("10.209.0.10");

    /// <summary>The folder the container runtime reads its network configuration from.</summary>
    public string CniConfigFolder { get; init; } = "/var/lib/sealos/cni/net.d";

    /// <summary>Which address is taken by whom. Belongs on a folder that a reboot empties, as no pod outlives one.</summary>
    public string AddressFolder { get; init; } = "/run/sealos/cni";

    /// <summary>Where the CNI plugins <c>ptp</c>, <c>host-local</c> and <c>loopback</c> are looked for.</summary>
    public IReadOnlyList<string> PluginFolders { get; init; } = ["/usr/lib/cni", "/opt/cni/bin"];

    /// <summary>The node's address in the pod network. It never changes, so components inside the cloud may be told it.</summary>
    public IPAddress NodeAddress => PodRange.First();
}
