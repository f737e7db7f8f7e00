using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Kinds.Meta;
using DiscoveryPort = Sealos.Kinds.Discovery.EndpointPort;

namespace Sealos.Network_Tests.Services;

/// <summary>Services and endpoint slices as the API server hands them out.</summary>
internal static class Samples
{
    public const string Node = "n1";

    public static Service Service(string name, string clusterIP, params ServicePort[] ports) => new()
    {
        Metadata = new ObjectMeta { Namespace = "shop", Name = name, CreationTimestamp = DateTimeOffset.UnixEpoch },
        Spec = new ServiceSpec
        {
            Type = "ClusterIP",
            ClusterIP = clusterIP,
            SessionAffinity = "None",
            InternalTrafficPolicy = "Cluster",
            Ports = ports.Length > 0 ? [.. ports] : [Tcp(80)],
        },
    };

    public static ServicePort Tcp(int port, string? name = null, int? nodePort = null) => new() { Name = name, Protocol = "TCP", Port = port, NodePort = nodePort };

    public static ServicePort Udp(int port, string? name = null, int? nodePort = null) => new() { Name = name, Protocol = "UDP", Port = port, NodePort = nodePort };

    public static EndpointSlice Slice(string service, int port, params string[] addresses) =>
        Slice(service, [new DiscoveryPort { Name = "", Protocol = "TCP", Port = port }], [.. addresses.Select(a => Ready(a))]);

    public static EndpointSlice Slice(string service, List<DiscoveryPort> ports, List<Endpoint> endpoints) => new()
    {
        Metadata = new ObjectMeta { Namespace = "shop", Name = service + "-x1", Labels = new() { ["kubernetes.io/service-name"] = service } },
        AddressType = "IPv4",
        Ports = ports,
        Endpoints = endpoints,
    };

    public static Pod HostPort(string name, string address, int port, int hostPort, string protocol) => new()
    {
        Metadata = new ObjectMeta { Namespace = "shop", Name = name },
        Spec = new PodSpec { NodeName = Node, Containers = [new Container { Name = "c", Ports = [new() { ContainerPortValue = port, HostPort = hostPort, Protocol = protocol }] }] },
        Status = new PodStatus { Phase = "Running", PodIP = address },
    };

    public static Endpoint Ready(string address, string? node = Node, string? hostname = null) =>
        new() { Addresses = [address], NodeName = node, Hostname = hostname, Conditions = new EndpointConditions { Ready = true, Serving = true, Terminating = false } };

    public static Endpoint Ending(string address, bool serving) =>
        new() { Addresses = [address], NodeName = Node, Conditions = new EndpointConditions { Ready = false, Serving = serving, Terminating = true } };
}
