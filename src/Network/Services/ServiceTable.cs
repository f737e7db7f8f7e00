using Sealos.Network.Nft;

namespace Sealos.Network.Services;

/// <summary>
/// The fixed part of the table. A packet's address, protocol and port are looked up in one map whatever the number of
/// services; most services have one endpoint and are nothing but an element of <see cref="Single"/>, which is why thousands
/// load in a moment: every further chain makes the kernel check all chains again. That map is asked once more after the
/// other, because a service may move from the other to it between the two questions.
/// </summary>
internal static class ServiceTable
{
    /// <summary>address . protocol . port → the only endpoint.</summary>
    public const string Single = "single";

    /// <summary>address . protocol . port → the chain that picks an endpoint.</summary>
    public const string Many = "many";

    /// <summary>protocol . port of the node → the only endpoint.</summary>
    public const string NodeSingle = "node-single";

    /// <summary>protocol . port of the node → the chain that picks an endpoint.</summary>
    public const string NodeMany = "node-many";

    /// <summary>address . protocol . port without endpoint → refuse or drop.</summary>
    public const string Empty = "empty";

    /// <summary>protocol . port of the node without endpoint → refuse or drop.</summary>
    public const string NodeEmpty = "node-empty";

    /// <summary>Addresses of services: their other ports are refused, not lost.</summary>
    public const string ClusterIPs = "cluster-ips";

    /// <summary>Endpoint . the same endpoint: a pod that reaches itself through a service must see another sender.</summary>
    public const string Hairpins = "hairpins";

    /// <summary>address . protocol . port that only some senders may reach → the chain that lets them pass.</summary>
    public const string Guards = "guards";

    /// <summary>Begins the names of the chains that pick an endpoint.</summary>
    public const string ChainPrefix = "svc-";

    /// <summary>Begins the names of the sets that remember which endpoint served a client.</summary>
    public const string ClientSetPrefix = "aff-";

    /// <summary>What of the table comes and goes with services.</summary>
    public static readonly VariableNames Variable = new([ChainPrefix], ClientSetPrefix, HasKnownElements: false);

    public const string Refuse = "goto refuse";

    public const string Drop = "drop";

    /// <summary>The mark of packets whose endpoint is no pod and can only answer to the node.</summary>
    public const string Mark = "0x4000";

    /// <summary>Whether the table knows what to do with packets of a protocol.</summary>
    public static bool Carries(string protocol) => protocol is "tcp" or "udp" or "sctp";

    /// <summary>The fixed part, for a table without any rule: what is there already stays as it is.</summary>
    public static string Script(NftTable table, ServiceProxyOptions options) => $$"""
        table {{table}} {
          map {{Single}} { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
          map {{Many}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          map {{Empty}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          map {{NodeSingle}} { type inet_proto . inet_service : ipv4_addr . inet_service; }
          map {{NodeMany}} { type inet_proto . inet_service : verdict; }
          map {{NodeEmpty}} { type inet_proto . inet_service : verdict; }
          map {{Guards}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          set {{ClusterIPs}} { type ipv4_addr; }
          set {{Hairpins}} { type ipv4_addr . ipv4_addr; }
          chain refuse {
            meta l4proto tcp reject with tcp reset
            reject
          }
          chain node-ports {
            meta l4proto { tcp, udp, sctp } dnat ip to meta l4proto . th dport map @{{NodeSingle}}
            meta l4proto . th dport vmap @{{NodeMany}}
            meta l4proto { tcp, udp, sctp } dnat ip to meta l4proto . th dport map @{{NodeSingle}}
          }
          chain services {
            meta l4proto { tcp, udp, sctp } dnat ip to ip daddr . meta l4proto . th dport map @{{Single}}
            ip daddr . meta l4proto . th dport vmap @{{Many}}
            meta l4proto { tcp, udp, sctp } dnat ip to ip daddr . meta l4proto . th dport map @{{Single}}
            ip daddr != 127.0.0.0/8 fib daddr type local jump node-ports
          }
          chain unserved {
            ip daddr . meta l4proto . th dport vmap @{{Empty}}
            ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @{{NodeEmpty}}
          }
          chain strays {
            ip daddr != {{options.ServiceRange}} return
            fib daddr type local return
            ip daddr @{{ClusterIPs}} goto refuse
            drop
          }
          chain filter-prerouting { type filter hook prerouting priority dstnat - 10; policy accept; ct state new ip daddr . meta l4proto . th dport vmap @{{Guards}}; }
          chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
          chain nat-output { type nat hook output priority -100; policy accept; jump services; }
          chain nat-postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            ct status dnat ip saddr . ip daddr @{{Hairpins}} masquerade fully-random
            meta mark & {{Mark}} != 0 ip daddr != {{options.PodRange}} masquerade fully-random
          }
          chain filter-input { type filter hook input priority -110; policy accept; ct state new jump unserved; }
          chain filter-forward { type filter hook forward priority -110; policy accept; ct state new jump unserved; ct state new jump strays; }
          chain filter-output { type filter hook output priority -90; policy accept; ct state new jump unserved; ct state new jump strays; }
        }

        """;
}
