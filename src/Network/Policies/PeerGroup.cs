using System.Security.Cryptography;
using System.Text;

namespace Sealos.Network.Policies;

/// <summary>Pods that policies name as peers, kept up to date once whoever names them.</summary>
internal sealed class PeerGroup(PodPeer peer)
{
    // Up to here members are repeated in the elements of each class that names them; beyond, they are a set of their own.
    private const int Many = 64;
    private const int FewAgain = 32;

    public PodPeer Peer => peer;

    public HashSet<PodEntry> Members { get; } = [];

    /// <summary>The policies that name it.</summary>
    public HashSet<PolicyEntry> Policies { get; } = [];

    public bool IsBroad { get; private set; }

    /// <summary>Its set in the kernel, where it has one.</summary>
    public string SetName { get; } = PolicyTable.GroupPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(peer.Key)))[..24];

    public bool Selects(PodEntry pod, IReadOnlyDictionary<string, string>? namespaceLabels) =>
        (peer.Namespace is not null ? peer.Namespace == pod.Facts.Namespace : namespaceLabels is not null && peer.Namespaces!.Matches(namespaceLabels))
        && peer.Pods.Matches(pod.Facts.Labels);

    public void Count() => IsBroad = IsBroad ? Members.Count > FewAgain : Members.Count > Many;
}

/// <summary>A pod, the groups it is in, and its class each way.</summary>
internal sealed class PodEntry(PodFacts facts)
{
    public PodFacts Facts { get; } = facts;

    public HashSet<PeerGroup> Groups { get; set; } = [];

    public PolicyClass? Ingress { get; set; }

    public PolicyClass? Egress { get; set; }

    public PolicyClass? Class(Direction direction) => direction == Direction.Ingress ? Ingress : Egress;
}

/// <summary>A policy, the groups it names, and the classes it is part of.</summary>
internal sealed class PolicyEntry(ParsedPolicy policy)
{
    public ParsedPolicy Policy { get; } = policy;

    public Dictionary<string, PeerGroup> Groups { get; } = new(StringComparer.Ordinal);

    public HashSet<PolicyClass> Classes { get; } = [];
}

/// <summary>The pods that the same policies select; with names of ports, those that give them the same numbers.</summary>
internal sealed class PolicyClass(Direction direction, uint id, string key, IReadOnlyDictionary<string, int> ports)
{
    public Direction Direction => direction;

    public uint Id => id;

    public string Key => key;

    /// <summary>The namespace of its pods.</summary>
    public string Namespace { get; } = key.Split('|')[1];

    /// <summary>What the names of ports mean to these pods.</summary>
    public IReadOnlyDictionary<string, int> Ports => ports;

    public List<PolicyEntry> Policies { get; } = [];

    public HashSet<PodEntry> Pods { get; } = [];

    /// <summary>What the kernel holds of it.</summary>
    public ClassContent Content { get; set; } = ClassContent.Nothing;

    /// <summary>Since when no pod is in it.</summary>
    public long? IdleSince { get; set; }
}
