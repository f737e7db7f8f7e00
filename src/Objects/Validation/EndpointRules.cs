using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Endpoints and endpoint slices.</summary>
internal static class EndpointRules
{
    private const int MaxEndpoints = 1000;
    private const int MaxAddresses = 100;
    private const int MaxPorts = 20000;

    public static void Endpoints(JsonObject obj, ErrorList errors)
    {
        var i = 0;
        foreach (var subset in obj.Objects("subsets"))
        {
            var path = $"subsets[{i++}]";
            if (subset.Array("addresses") is not { Count: > 0 } && subset.Array("notReadyAddresses") is not { Count: > 0 })
            {
                errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
            }

            foreach (var list in (ReadOnlySpan<string>)["addresses", "notReadyAddresses"])
            {
                var j = 0;
                foreach (var address in subset.Objects(list))
                {
                    var at = $"{path}.{list}[{j++}]";
                    Address(address.Text("ip") ?? "", $"{at}.ip", errors);
                    OptionalLabel(address.Text("hostname"), $"{at}.hostname", errors);
                }
            }

            Ports(subset, path, errors);
        }
    }

    public static void Slice(JsonObject obj, ErrorList errors)
    {
        var type = obj.Text("addressType");
        errors.CheckRequired("addressType", type);
        var endpoints = obj.Objects("endpoints").ToList();
        if (endpoints.Count > MaxEndpoints)
        {
            errors.TooMany("endpoints", endpoints.Count, MaxEndpoints);
            return;
        }

        for (var i = 0; i < endpoints.Count; i++)
        {
            SliceEndpoint(endpoints[i], type, $"endpoints[{i}]", errors);
        }

        SlicePorts(obj, errors);
    }

    public static void SliceChange(JsonObject obj, JsonObject old, ErrorList errors) =>
        errors.Immutable("addressType", obj["addressType"], old["addressType"]);

    private static void SliceEndpoint(JsonObject endpoint, string? type, string path, ErrorList errors)
    {
        var addresses = endpoint.Texts("addresses").ToList();
        if (addresses.Count == 0)
        {
            errors.Required($"{path}.addresses", "must contain at least 1 address");
        }
        else if (addresses.Count > MaxAddresses)
        {
            errors.TooMany($"{path}.addresses", addresses.Count, MaxAddresses);
        }

        for (var i = 0; i < addresses.Count; i++)
        {
            var at = $"{path}.addresses[{i}]";
            switch (type)
            {
                case "IPv4" when !NameRules.IsIp(addresses[i]) || addresses[i].Contains(':', StringComparison.Ordinal):
                    errors.Invalid(at, addresses[i], "must be a valid IPv4 address");
                    break;
                case "IPv6" when !NameRules.IsIp(addresses[i]) || !addresses[i].Contains(':', StringComparison.Ordinal):
                    errors.Invalid(at, addresses[i], "must be a valid IPv6 address");
                    break;
                case "FQDN":
                    errors.Check(at, addresses[i], NameRules.DnsSubdomain(addresses[i].TrimEnd('.')));
                    break;
                default:
                    Special(addresses[i], at, errors);
                    break;
            }
        }

        OptionalLabel(endpoint.Text("hostname"), $"{path}.hostname", errors);
        if (endpoint.Text("nodeName") is { } node)
        {
            errors.Check($"{path}.nodeName", node, NameRules.DnsSubdomain(node));
        }
    }

    private static void SlicePorts(JsonObject obj, ErrorList errors)
    {
        var ports = obj.Objects("ports").ToList();
        if (ports.Count > MaxPorts)
        {
            errors.TooMany("ports", ports.Count, MaxPorts);
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var name = ports[i].Text("name") ?? "";
            if (name.Length > 0)
            {
                errors.Check($"ports[{i}].name", name, NameRules.DnsLabel(name));
            }

            if (!names.Add(name))
            {
                errors.Duplicate("ports", name);
            }

            if (ports[i].Number("port") is { } number)
            {
                errors.Port($"ports[{i}].port", number);
            }

            errors.CheckRequired($"ports[{i}].protocol", ports[i].Text("protocol"));
        }
    }

    private static void Ports(JsonObject subset, string path, ErrorList errors)
    {
        var ports = subset.Objects("ports").ToList();
        for (var i = 0; i < ports.Count; i++)
        {
            var at = $"{path}.ports[{i}]";
            if (ports[i].Text("name") is { Length: > 0 } name)
            {
                errors.Check($"{at}.name", name, NameRules.DnsLabel(name));
            }
            else if (ports.Count > 1)
            {
                errors.Required($"{at}.name");
            }

            errors.Port($"{at}.port", ports[i].Number("port") ?? 0);
            errors.CheckRequired($"{at}.protocol", ports[i].Text("protocol"));
        }
    }

    private static void OptionalLabel(string? name, string path, ErrorList errors)
    {
        if (name is { Length: > 0 })
        {
            errors.Check(path, name, NameRules.DnsLabel(name));
        }
    }

    private static void Address(string address, string path, ErrorList errors)
    {
        errors.Check(path, address, NameRules.IpAddress(address));
        Special(address, path, errors);
    }

    /// <summary>Addresses that would reach the host itself or nobody.</summary>
    private static void Special(string address, string path, ErrorList errors)
    {
        if (!IPAddress.TryParse(address, out var ip))
        {
            return;
        }

        var bytes = ip.GetAddressBytes();
        var isV4 = ip.AddressFamily == AddressFamily.InterNetwork;
        if (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
        {
            errors.Invalid(path, address, "may not be unspecified (0.0.0.0 or ::)");
        }
        else if (IPAddress.IsLoopback(ip))
        {
            errors.Invalid(path, address, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        else if (isV4 ? bytes is [169, 254, ..] : ip.IsIPv6LinkLocal)
        {
            errors.Invalid(path, address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        else if (isV4 ? bytes is [224, 0, 0, _] : bytes is [0xff, 0x02, ..])
        {
            errors.Invalid(path, address, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}
