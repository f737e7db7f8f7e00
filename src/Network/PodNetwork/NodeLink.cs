using System.Text.Json.Nodes;
using Sealos.Network.Nft;

namespace Sealos.Network.PodNetwork;

/// <summary>
/// The device that gives the node its addresses in both ranges and a route to services: without a route, connecting to a
/// service's address fails before nftables sees a packet. A pair of veths, not a dummy: ptp needs veth anyway, and kernels
/// without the dummy module exist.
/// </summary>
internal sealed class NodeLink(HostCommands commands, InstanceNames names, PodNetworkOptions options)
{
    // Worse than any route of a pod: addresses that no pod holds are refused instead of leaving by the default route.
    private const int LastResortMetric = 4096;

    public async Task<bool> ExistsAsync(CancellationToken ct) =>
        (await commands.TryRunAsync("ip", ["link", "show", "dev", names.Link], null, ct).ConfigureAwait(false)).ExitCode == 0;

    public async Task EnsureAsync(CancellationToken ct)
    {
        var create = await ExistsAsync(ct).ConfigureAwait(false) ? "" : $"link add {names.Link} type veth peer name {names.LinkPeer}\n";
        await BatchAsync(
            $"""
            {create}link set {names.Link} addrgenmode none
            link set {names.LinkPeer} addrgenmode none
            link set {names.Link} up
            link set {names.LinkPeer} up
            address replace {options.NodeAddress}/32 dev {names.Link}
            address replace {options.DnsAddress}/32 dev {names.Link}
            route replace {options.ServiceRange} dev {names.Link} src {options.NodeAddress}
            route replace unreachable {options.PodRange} metric {LastResortMetric}

            """,
            ct).ConfigureAwait(false);
    }

    public async Task RemoveAsync(CancellationToken ct)
    {
        if (await ExistsAsync(ct).ConfigureAwait(false))
        {
            await BatchAsync($"link delete {names.Link}\n", ct).ConfigureAwait(false);
        }

        // Exit code 2 says that the route is gone already.
        await commands.TryRunAsync("ip", ["route", "delete", "unreachable", $"{options.PodRange}", "metric", $"{LastResortMetric}"], null, ct).ConfigureAwait(false);
    }

    /// <summary>The packet size of the way out of this host, which pods must not exceed; null where there is no way out.</summary>
    public async Task<int?> UplinkMtuAsync(CancellationToken ct)
    {
        var routes = JsonNode.Parse(await commands.RunAsync("ip", ["-j", "route", "show", "default"], null, ct).ConfigureAwait(false)) as JsonArray;
        if ((string?)routes?.FirstOrDefault()?["dev"] is not { } device)
        {
            return null;
        }

        var links = JsonNode.Parse(await commands.RunAsync("ip", ["-j", "link", "show", "dev", device], null, ct).ConfigureAwait(false)) as JsonArray;
        return (int?)links?.FirstOrDefault()?["mtu"];
    }

    private Task BatchAsync(string script, CancellationToken ct) => commands.RunAsync("ip", ["-batch", "-"], script, ct);
}
