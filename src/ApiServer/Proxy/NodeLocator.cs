using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Proxy;

/// <summary>Finds the kubelet of a node: its internal address and the port it announces.</summary>
internal sealed class NodeLocator(ResourceRegistry registry)
{
    private const int DefaultPort = 10250;

    /// <summary>The kubelet's base address.</summary>
    public Uri Kubelet(string node)
    {
        var found = registry.Get("", "nodes").Cache.Get("", node)?.Parse() ?? throw ApiException.NotFound("", "nodes", node);
        var status = found.Child("status");
        var address = status.Objects("addresses").FirstOrDefault(a => a.Text("type") == "InternalIP").Text("address")
            ?? throw ApiException.Internal($"no preferred addresses found; known addresses: [] of node {node}");
        var port = status.Child("daemonEndpoints", "kubeletEndpoint").Number("Port") is { } announced and > 0 ? (int)announced : DefaultPort;
        return new UriBuilder(Uri.UriSchemeHttps, address, port).Uri;
    }
}
