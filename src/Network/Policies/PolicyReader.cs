using System.Net;
using System.Net.Sockets;
using Sealos.ControllerKit;
using Sealos.Kinds.Networking;

namespace Sealos.Network.Policies;

/// <summary>Reads policies. Pure.</summary>
internal static class PolicyReader
{
    private const int LastPort = 65535;

    // As the API server has them where it refuses what is more (NetworkPolicyLimits).
    private const int MostBlocks = 1000;
    private const int MostPorts = 1000;
    private const int MostPairs = 10_000;
    private const int MostSelectors = 200;

    public static ParsedPolicy Read(NetworkPolicy policy)
    {
        var key = ObjectKey.Of(policy);
        var spec = policy.Spec ?? new NetworkPolicySpec();
        var types = spec.PolicyTypes is { Count: > 0 } given ? given : spec.Egress is { Count: > 0 } ? ["Ingress", "Egress"] : ["Ingress"];
        return new ParsedPolicy(
            key,
            LabelTerms.Of(spec.PodSelector),
            types.Contains("Ingress") ? [.. (IsTooLarge(policy) ? [] : spec.Ingress ?? []).Select(r => Rule(key.Namespace!, r.From, r.Ports))] : null,
            types.Contains("Egress") ? [.. (IsTooLarge(policy) ? [] : spec.Egress ?? []).Select(r => Rule(key.Namespace!, r.To, r.Ports))] : null);
    }

    /// <summary>
    /// Whether a policy is more than can be put in force without holding up everybody's. The API refuses such a policy; one that is
    /// stored nevertheless isolates its pods and allows nothing.
    /// </summary>
    public static bool IsTooLarge(NetworkPolicy policy)
    {
        var ingress = (policy.Spec?.Ingress ?? []).Select(r => (Peers: r.From ?? [], Ports: r.Ports?.Count ?? 0)).ToList();
        var egress = (policy.Spec?.Egress ?? []).Select(r => (Peers: r.To ?? [], Ports: r.Ports?.Count ?? 0)).ToList();
        var all = ingress.Concat(egress).ToList();
        var peers = all.SelectMany(r => r.Peers).ToList();
        return peers.Sum(p => p.IpBlock is { } block ? 1 + (block.Except?.Count ?? 0) : 0) > MostBlocks
            || peers.Count(p => p.IpBlock is null) > MostSelectors
            || all.Sum(r => r.Ports) > MostPorts
            || Pairs(ingress) > MostPairs || Pairs(egress) > MostPairs;
    }

    private static long Pairs(IEnumerable<(List<NetworkPolicyPeer> Peers, int Ports)> rules) => rules.Sum(r => (long)r.Peers.Count * r.Ports);

    // A list that is missing and one that is empty both mean everybody, and every port.
    private static PolicyRule Rule(string ns, List<NetworkPolicyPeer>? peers, List<NetworkPolicyPort>? ports) => new(
        peers is { Count: > 0 } ? [.. peers.Select(p => Peer(ns, p)).OfType<Peer>()] : null,
        ports is { Count: > 0 } ? [.. ports.Select(Port)] : null);

    private static Peer? Peer(string ns, NetworkPolicyPeer peer)
    {
        if (peer.IpBlock is { } block)
        {
            return Parse(block.Cidr) is { } range ? new BlockPeer(range, [.. (block.Except ?? []).Select(Parse).OfType<IPNetwork>()]) : null;
        }

        return peer.NamespaceSelector is null
            ? new PodPeer(ns, null, LabelTerms.Of(peer.PodSelector))
            : new PodPeer(null, LabelTerms.Of(peer.NamespaceSelector), LabelTerms.Of(peer.PodSelector));
    }

    private static PolicyPort Port(NetworkPolicyPort port)
    {
        var protocol = (port.Protocol is { Length: > 0 } given ? given : "TCP").ToLowerInvariant();
        return port.Port switch
        {
            null => new PolicyPort(protocol, 0, LastPort, null),
            { Text: { } name } => new PolicyPort(protocol, 0, 0, name),
            { Number: var number } => new PolicyPort(protocol, number, port.EndPort ?? number, null),
        };
    }

    // Addresses of the other family are no pod's here, so a block of them allows nobody.
    private static IPNetwork? Parse(string? cidr)
    {
        var parts = (cidr ?? "").Split('/');
        return parts.Length == 2 && IPAddress.TryParse(parts[0], out var address) && address.AddressFamily == AddressFamily.InterNetwork
            && int.TryParse(parts[1], out var length) && length is >= 0 and <= 32
            ? new IPNetwork(Masked(address, length), length)
            : null;
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var bits = Math.Clamp(length - (8 * i), 0, 8);
            bytes[i] &= (byte)(0xff00 >> bits);
        }

        return new IPAddress(bytes);
    }
}
