using Sealos.Network.Nft;

namespace Sealos.Network.Policies;

/// <summary>Which way a policy looks from the pods it selects.</summary>
internal enum Direction
{
    Ingress,
    Egress,
}

/// <summary>
/// The fixed part of the table. Pods that the same policies select share a number, their class; what a class may is elements
/// that begin with that number, so that a new connection costs a handful of lookups and a pod or policy costs its own elements.
/// Only what elements cannot say (address blocks, ranges of ports, peers by the hundred) is a chain of its class.
/// </summary>
internal static class PolicyTable
{
    /// <summary>Begins the names of the sets of peers that are too many to be repeated in each class.</summary>
    public const string GroupPrefix = "peers-";

    /// <summary>What of the table comes and goes with policies.</summary>
    public static readonly VariableNames Variable = new([ChainPrefix(Direction.Ingress), ChainPrefix(Direction.Egress)], GroupPrefix, HasKnownElements: true);

    /// <summary>Addresses that pods hold.</summary>
    public const string Known = "known";

    private static readonly string[] Directions = ["in", "out"];

    /// <summary>address of a pod → its class.</summary>
    public static string Class(Direction direction) => $"{Prefix(direction)}-class";

    /// <summary>class . address of the peer, whatever the port.</summary>
    public static string Peers(Direction direction) => $"{Prefix(direction)}-peers";

    /// <summary>class . protocol . port, whoever the peer.</summary>
    public static string Ports(Direction direction) => $"{Prefix(direction)}-ports";

    /// <summary>class . address of the peer . protocol . port.</summary>
    public static string Both(Direction direction) => $"{Prefix(direction)}-both";

    /// <summary>class → its chain.</summary>
    public static string Rules(Direction direction) => $"{Prefix(direction)}-rules";

    /// <summary>The chain of a class.</summary>
    public static string Chain(Direction direction, uint id) => $"{ChainPrefix(direction)}{id}";

    /// <summary>What a rule of a class does with what it allows: what may leave must still be let in.</summary>
    public static string Allow(Direction direction) => direction == Direction.Ingress ? "accept" : "goto inbound";

    /// <summary>
    /// The fixed part, for a table without any rule: what is there already stays as it is. The number of a class travels in the
    /// connection's mark, as the packet's carries what the services' table put there. Each map is asked twice before a packet is
    /// dropped, because a right may move from one to the other between two questions.
    /// </summary>
    public static string Script(NftTable table, PolicyOptions options) => $$"""
        table {{table}} {
          set {{Known}} { type ipv4_addr; }
        {{string.Concat(Directions.Select(Containers))}}
          chain inbound {
            ct mark set ip daddr map @in-class goto ingress
            accept
          }
          chain ingress {
            {{Lookups("in", "saddr", "accept")}}
            ct mark vmap @in-rules
            {{Lookups("in", "saddr", "accept")}}
            fib daddr . iif oif exists accept
            drop
          }
          chain egress {
            {{Lookups("out", "daddr", "goto inbound")}}
            ct mark vmap @out-rules
            {{Lookups("out", "daddr", "goto inbound")}}
            fib daddr . iif oif exists accept
            drop
          }
          chain forward {
            type filter hook forward priority filter; policy accept;
            ip saddr {{options.PodRange}} ip saddr != @{{Known}} drop
            ip daddr {{options.PodRange}} ip daddr != @{{Known}} drop
            ct state established,related accept
            ct mark set ip saddr map @out-class goto egress
            goto inbound
          }
          chain to-node {
            type filter hook input priority filter; policy accept;
            iifname "veth*" ip saddr {{options.PodRange}} ip saddr != @{{Known}} drop
            ct state established,related accept
            ct mark set ip saddr map @out-class goto egress
          }
        }

        """;

    /// <summary>The chains of the fixed part.</summary>
    public static IReadOnlyList<string> FixedChains { get; } = ["inbound", "ingress", "egress", "forward", "to-node"];

    /// <summary>What lets nobody through but who is known already.</summary>
    public static string Guard(NftTable table, PolicyOptions options) => $$"""
        table {{table}} {
          chain forward {
            type filter hook forward priority filter; policy accept;
            ct state established,related accept
            ip saddr {{options.PodRange}} drop
            ip daddr {{options.PodRange}} drop
          }
          chain to-node {
            type filter hook input priority filter; policy accept;
            ct state established,related accept
            iifname "veth*" ip saddr {{options.PodRange}} drop
          }
        }

        """;

    private static string Prefix(Direction direction) => direction == Direction.Ingress ? "in" : "out";

    private static string ChainPrefix(Direction direction) => $"{Prefix(direction)}.";

    private static string Containers(string prefix) => $$"""
          map {{prefix}}-class { type ipv4_addr : mark; }
          set {{prefix}}-peers { type mark . ipv4_addr; }
          set {{prefix}}-ports { type mark . inet_proto . inet_service; }
          set {{prefix}}-both { type mark . ipv4_addr . inet_proto . inet_service; }
          map {{prefix}}-rules { type mark : verdict; }

        """;

    private static string Lookups(string prefix, string peer, string verdict) => $"""
        ct mark . ip {peer} @{prefix}-peers {verdict}
            ct mark . meta l4proto . th dport @{prefix}-ports {verdict}
            ct mark . ip {peer} . meta l4proto . th dport @{prefix}-both {verdict}
        """;
}
