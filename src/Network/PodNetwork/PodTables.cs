using Sealos.Network.Nft;

namespace Sealos.Network.PodNetwork;

/// <summary>What holds for every pod whatever services exist: no forged sender, no way in past the gateway, one address outside.</summary>
internal static class PodTables
{
    /// <summary>
    /// The scripts that (re)build the tables. A pod's interface is known by its name, <c>veth*</c>, which the ptp plugin gives it;
    /// on any other routed interface of that name a reverse-path check is right too.
    /// </summary>
    public static string Script(InstanceNames names, PodNetworkOptions options)
    {
        var pods = options.PodRange;
        var services = options.ServiceRange;
        return $$"""
            {{names.PodTable.Replace()}}
            table {{names.PodTable}} {
              chain spoofed {
                type filter hook prerouting priority raw; policy accept;
                iifname "veth*" fib saddr . iif oif missing drop
                ip saddr {{pods}} iifname != "lo" fib saddr . iif oif missing drop
                iifname != "lo" iifname != "veth*" ip daddr { {{pods}}, {{services}} } drop
              }
              chain leaving {
                type nat hook postrouting priority srcnat + 10; policy accept;
                oifname != "lo" ip saddr {{pods}} ip daddr != {{pods}} masquerade fully-random
              }
            }

            """;
    }

    // Pods have no IPv6 but the kernel gives each interface a link-local address, which reaches every listener on [::]; and what one
    // with the right to may give itself would be forwarded by a machine that forwards others' IPv6.
    public static string Script6(InstanceNames names) => $$"""
        {{names.PodTable6.Replace()}}
        table {{names.PodTable6}} {
          chain spoofed {
            type filter hook prerouting priority raw; policy accept;
            iifname "veth*" fib saddr . iif oif missing drop
          }
          chain from-pods {
            type filter hook input priority filter - 10; policy accept;
            iifname "veth*" ip6 saddr fe80::/10 meta l4proto { tcp, udp, sctp, dccp } drop
          }
        }

        """;
}
