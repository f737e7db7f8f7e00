using System.Net;
using Sealos.Network.Nft;

namespace Sealos.Network.Traffic;

/// <summary>
/// Counters of every pod's bytes. A packet costs two lookups, whatever the number of pods. What the node itself sends and gets is
/// inside: it is one end of it. Packets that policies stop are not counted.
/// </summary>
internal static class TrafficTable
{
    public const string SentInside = "sent-inside";
    public const string SentOutside = "sent-outside";
    public const string GotInside = "got-inside";
    public const string GotOutside = "got-outside";

    public static readonly string[] Sets = [SentInside, SentOutside, GotInside, GotOutside];

    /// <summary>The fixed part, for a table without any rule: the counters that are there go on.</summary>
    public static string Script(NftTable table, IPNetwork pods) => $$"""
        table {{table}} {
        {{string.Concat(Sets.Select(s => $"  set {s} {{ type ipv4_addr; counter; }}\n"))}}
          chain forward {
            type filter hook forward priority filter + 10; policy accept;
            ip saddr {{pods}} ip daddr {{pods}} goto inside
            ip saddr @{{SentOutside}}
            ip daddr @{{GotOutside}}
          }
          chain inside {
            ip saddr @{{SentInside}}
            ip daddr @{{GotInside}}
          }
          chain to-node {
            type filter hook input priority filter + 10; policy accept;
            iifname "veth*" ip saddr @{{SentInside}}
          }
          chain from-node {
            type filter hook output priority filter + 10; policy accept;
            oifname "veth*" ip daddr @{{GotInside}}
          }
        }

        """;
}
