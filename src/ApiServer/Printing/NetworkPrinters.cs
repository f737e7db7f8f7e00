using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>Services and what stands before and behind them.</summary>
internal static class NetworkPrinters
{
    private const int Shown = 3;

    public static JsonNode?[] Service(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Child("spec");
        var address = spec.Texts("clusterIPs").FirstOrDefault() ?? spec.Text("clusterIP");
        return [Cell.Name(obj), spec.Text("type") ?? "", Cell.OrNone(address), External(obj, spec), Ports(spec), Cell.Age(obj, now), Cell.Labels(spec.Child("selector"))];
    }

    public static JsonNode?[] Endpoints(JsonObject obj, DateTimeOffset now)
    {
        var all = new List<string>();
        foreach (var subset in obj.Objects("subsets"))
        {
            var ports = subset.Objects("ports").ToList();
            foreach (var address in subset.Objects("addresses"))
            {
                var ip = address.Text("ip") ?? "";
                all.AddRange(ports.Count == 0 ? [ip] : ports.Select(p => HostPort(ip, p.Number("port") ?? 0)));
            }
        }

        return [Cell.Name(obj), all.Count == 0 ? Cell.None : Cell.FirstOf(all, Shown), Cell.Age(obj, now)];
    }

    public static JsonNode?[] EndpointSlice(JsonObject obj, DateTimeOffset now)
    {
        var ports = obj.Objects("ports").Select(p => p.Number("port")?.ToString(CultureInfo.InvariantCulture) ?? "*").ToList();
        var addresses = obj.Objects("endpoints").SelectMany(e => e.Texts("addresses")).ToList();
        return
        [
            Cell.Name(obj), obj.Text("addressType") ?? "",
            ports.Count == 0 ? Cell.Unset : Cell.FirstOf(ports, Shown),
            addresses.Count == 0 ? Cell.Unset : Cell.FirstOf(addresses, Shown),
            Cell.Age(obj, now),
        ];
    }

    public static JsonNode?[] Ingress(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Child("spec");
        var className = spec.Text("ingressClassName") ?? obj.Child("metadata", "annotations").Text("kubernetes.io/ingress.class");
        var hosts = spec.Objects("rules").Select(r => r.Text("host") is { Length: > 0 } host ? host : "*").ToList();
        return
        [
            Cell.Name(obj), Cell.OrNone(className), hosts.Count == 0 ? "*" : Cell.FirstOf(hosts, Shown), string.Join(',', Balancer(obj)),
            spec.Array("tls") is { Count: > 0 } ? "80, 443" : "80", Cell.Age(obj, now),
        ];
    }

    public static JsonNode?[] IngressClass(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Child("spec");
        var parameters = spec.Child("parameters");
        var group = parameters.Text("apiGroup") is { Length: > 0 } given ? "." + given : "";
        return [Cell.Name(obj), spec.Text("controller") ?? "", parameters is null ? Cell.None : $"{parameters.Text("kind")}{group}/{parameters.Text("name")}", Cell.Age(obj, now)];
    }

    public static JsonNode?[] NetworkPolicy(JsonObject obj, DateTimeOffset now) =>
        [Cell.Name(obj), Cell.Selector(obj.Child("spec", "podSelector")), Cell.Age(obj, now)];

    private static string External(JsonObject obj, JsonObject? spec)
    {
        var own = spec.Texts("externalIPs").ToList();
        switch (spec.Text("type"))
        {
            case "ExternalName":
                return spec.Text("externalName") ?? "";
            case "LoadBalancer":
                var all = Balancer(obj).Concat(own).ToList();
                return all.Count == 0 ? "<pending>" : string.Join(',', all);
            default:
                return own.Count == 0 ? Cell.None : string.Join(',', own);
        }
    }

    private static IEnumerable<string> Balancer(JsonObject obj) =>
        obj.Child("status", "loadBalancer").Objects("ingress").Select(i => i.Text("ip") is { Length: > 0 } ip ? ip : i.Text("hostname") ?? "").Where(a => a.Length > 0);

    private static string Ports(JsonObject? spec)
    {
        var ports = spec.Objects("ports").Select(p => p.Number("nodePort") is { } node && node != 0
            ? string.Create(CultureInfo.InvariantCulture, $"{p.Number("port")}:{node}/{p.Text("protocol")}")
            : string.Create(CultureInfo.InvariantCulture, $"{p.Number("port")}/{p.Text("protocol")}"));
        return Cell.OrNone(string.Join(',', ports));
    }

    private static string HostPort(string ip, long port) => System.Net.IPAddress.TryParse(ip, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
        ? string.Create(CultureInfo.InvariantCulture, $"[{ip}]:{port}")
        : string.Create(CultureInfo.InvariantCulture, $"{ip}:{port}");
}
