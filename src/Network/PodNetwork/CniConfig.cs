using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.Network.PodNetwork;

/// <summary>
/// The network configuration the container runtime gives to the CNI plugins: a routed pair of interfaces a pod.
/// Containerd brings up each pod's loopback by itself, it only needs the plugin to be installed.
/// </summary>
internal static class CniConfig
{
    public static readonly string[] Plugins = ["ptp", "host-local", "loopback"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string FileName(string instance) => $"10-{instance}.conflist";

    /// <summary>The name plugins and their caches file this network under.</summary>
    public static string NetworkName(string instance) => $"{instance}-pods";

    public static string Render(PodNetworkOptions options, int? mtu)
    {
        var link = new JsonObject
        {
            ["type"] = "ptp",
            // Leaving the pod range is masqueraded by our own table; the plugin would need iptables for it.
            ["ipMasq"] = false,
            ["ipam"] = new JsonObject
            {
                ["type"] = "host-local",
                ["dataDir"] = options.AddressFolder,
                ["ranges"] = new JsonArray(new JsonArray(new JsonObject { ["subnet"] = options.PodRange.ToString(), ["gateway"] = options.NodeAddress.ToString() })),
                ["routes"] = new JsonArray(new JsonObject { ["dst"] = "0.0.0.0/0" }),
            },
        };
        if (mtu is not null)
        {
            link["mtu"] = mtu;
        }

        var list = new JsonObject { ["cniVersion"] = "1.0.0", ["name"] = NetworkName(options.Instance), ["plugins"] = new JsonArray(link) };
        return list.ToJsonString(Indented) + "\n";
    }
}
