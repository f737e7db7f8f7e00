using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Proxy;

/// <summary>Where a proxied request goes.</summary>
internal readonly record struct ProxyTarget(Uri Base, bool ToKubelet);

/// <summary>Finds the target of <c>nodes|pods|services/[scheme:]name[:port]/proxy</c>.</summary>
internal sealed class ProxyTargets(NodeLocator nodes, ResourceRegistry registry)
{
    private const string SliceLabel = "kubernetes.io/service-name";

    public ProxyTarget Find(Resource resource, string @namespace, string text)
    {
        var (scheme, name, port) = Split(text);
        return resource.Plural switch
        {
            "nodes" => new ProxyTarget(nodes.Kubelet(name), ToKubelet: true),
            "pods" => new ProxyTarget(Pod(resource, @namespace, name, scheme, port), ToKubelet: false),
            _ => new ProxyTarget(Service(resource, @namespace, name, scheme, port), ToKubelet: false),
        };
    }

    /// <summary>An endpoint behind a port of a service, for HTTPS.</summary>
    public Uri FindService(string @namespace, string name, int port) =>
        Service(registry.Get("", "services"), @namespace, name, "https", port.ToString(CultureInfo.InvariantCulture));

    private static (string Scheme, string Name, string Port) Split(string text)
    {
        var parts = text.Split(':');
        return parts.Length switch
        {
            1 => ("http", parts[0], ""),
            2 => ("http", parts[0], parts[1]),
            3 when parts[0] is "" or "http" or "https" => (parts[0].Length == 0 ? "http" : parts[0], parts[1], parts[2]),
            _ => throw ApiException.BadRequest($"invalid proxy target \"{text}\": use [scheme:]name[:port]"),
        };
    }

    private static Uri Pod(Resource pods, string @namespace, string name, string scheme, string port)
    {
        var pod = pods.Cache.Get(@namespace, name)?.Parse() ?? throw pods.NotFound(name);
        if (port.Length == 0)
        {
            port = pod.Child("spec").Objects("containers").SelectMany(c => c.Objects("ports")).FirstOrDefault().Number("containerPort")?.ToString(CultureInfo.InvariantCulture) ?? "80";
        }

        var ip = pod.Child("status").Text("podIP");
        return string.IsNullOrEmpty(ip) ? throw ApiException.Unavailable($"pod \"{name}\" has no address yet") : Build(scheme, ip, ParsePort(port));
    }

    private Uri Service(Resource services, string @namespace, string name, string scheme, string port)
    {
        var service = services.Cache.Get(@namespace, name)?.Parse() ?? throw services.NotFound(name);
        var wanted = service.Child("spec").Objects("ports").FirstOrDefault(p =>
            port.Length == 0 || p.Text("name") == port || p.Number("port")?.ToString(CultureInfo.InvariantCulture) == port)
            ?? throw ApiException.Unavailable($"no service port \"{port}\" found for service \"{name}\"");
        var candidates = Ready(@namespace, name, wanted.Text("name") ?? "").ToList();
        if (candidates.Count == 0)
        {
            throw ApiException.Unavailable($"no endpoints available for service \"{name}\"");
        }

        var (ip, number) = candidates[Random.Shared.Next(candidates.Count)];
        return Build(scheme, ip, number);
    }

    private IEnumerable<(string Ip, int Port)> Ready(string @namespace, string service, string portName)
    {
        using var list = registry.Get("discovery.k8s.io", "endpointslices").Cache.List(@namespace);
        var slices = new List<JsonObject>();
        foreach (var slice in list.Items)
        {
            if (slice.Labels?.GetValueOrDefault(SliceLabel) == service)
            {
                slices.Add(slice.Parse());
            }
        }

        return from slice in slices
               from port in slice.Objects("ports")
               where (port.Text("name") ?? "") == portName && port.Number("port") is not null
               from endpoint in slice.Objects("endpoints")
               where endpoint.Child("conditions").Flag("ready") != false
               from address in endpoint.Texts("addresses")
               select (address, (int)port.Number("port")!.Value);
    }

    private static int ParsePort(string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536
            ? number
            : throw ApiException.BadRequest($"invalid port \"{port}\"");

    /// <summary>Whoever may write endpoints must not reach, through this server, what only this machine can.</summary>
    private static Uri Build(string scheme, string ip, int port)
    {
        if (!IPAddress.TryParse(ip, out var address) || IPAddress.IsLoopback(address) || IsLinkLocal(address) || address.Equals(IPAddress.Any))
        {
            throw ApiException.BadRequest($"address not allowed: {ip}");
        }

        return new UriBuilder(scheme, ip, port).Uri;
    }

    private static bool IsLinkLocal(IPAddress address)
    {
        var bytes = address.MapToIPv4().GetAddressBytes();
        return address.IsIPv6LinkLocal || address.IsIPv6Multicast || (bytes[0] == 169 && bytes[1] == 254) || bytes[0] >= 224;
    }
}
