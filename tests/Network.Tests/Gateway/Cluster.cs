using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;

namespace Sealos.Network_Tests.Gateway;

/// <summary>Objects as the API server would deliver them.</summary>
internal static class Cluster
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static ObjectMeta Meta(string ns, string name) => new() { Namespace = ns, Name = name, Uid = $"{ns}/{name}", Generation = 1, CreationTimestamp = Start };

    public static Service Service(string ns, string name, int port, string? appProtocol = null) => new()
    {
        Metadata = Meta(ns, name),
        Spec = new ServiceSpec { Ports = [new ServicePort { Name = "web", Port = port, AppProtocol = appProtocol }] },
    };

    public static EndpointSlice Slice(string ns, string service, params int[] ports)
    {
        // One slice holds one port for all its endpoints, so the instances of a test differ in address and not in port alone.
        return new EndpointSlice
        {
            Metadata = new ObjectMeta { Namespace = ns, Name = $"{service}-x", Labels = new() { ["kubernetes.io/service-name"] = service } },
            AddressType = "IPv4",
            Endpoints = [new Sealos.Kinds.Discovery.Endpoint { Addresses = ["127.0.0.1"], Conditions = new EndpointConditions { Ready = ports.Length > 0 } }],
            Ports = [.. ports.Select(p => new Sealos.Kinds.Discovery.EndpointPort { Name = "web", Port = p, Protocol = "TCP" })],
        };
    }

    public static Ingress Ingress(string ns, string name, string? host, string service, Dictionary<string, string>? annotations = null) => new()
    {
        Metadata = With(Meta(ns, name), annotations),
        Spec = new IngressSpec { IngressClassName = "nginx", Rules = [Rule(host, Path("/", "Prefix", service))] },
    };

    public static Ingress Ingress(string ns, string name, params IngressRule[] rules) => new()
    {
        Metadata = Meta(ns, name),
        Spec = new IngressSpec { IngressClassName = "nginx", Rules = [.. rules] },
    };

    public static IngressRule Rule(string? host, params HTTPIngressPath[] paths) => new() { Host = host, Http = new HTTPIngressRuleValue { Paths = [.. paths] } };

    public static HTTPIngressPath Path(string path, string type, string service, int port = 80) => new()
    {
        Path = path,
        PathType = type,
        Backend = new IngressBackend { Service = new IngressServiceBackend { Name = service, Port = new ServiceBackendPort { Number = port } } },
    };

    private static ObjectMeta With(ObjectMeta meta, Dictionary<string, string>? annotations)
    {
        meta.Annotations = annotations;
        return meta;
    }
}
