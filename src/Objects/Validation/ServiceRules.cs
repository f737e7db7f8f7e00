using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Services. Ranges of addresses and node ports are the allocator's to check.</summary>
internal static class ServiceRules
{
    private const long MaxAffinitySeconds = 86400;

    public static void Check(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        var type = spec.Text("type") ?? "";
        var isHeadless = spec.Text("clusterIP") == "None";
        ByType(spec, type, isHeadless, errors);
        Ports(spec, type, errors);
        SelectorRules.Labels(spec.Child("selector"), "spec.selector", errors);
        Affinity(spec, errors);
        Addresses(spec, type, errors);
        External(spec, type, errors);
        Families(spec, errors);
    }

    public static void Change(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (spec, before) = (obj.Child("spec"), old.Child("spec"));
        if (spec.Text("type") == "ExternalName" || before.Text("type") == "ExternalName")
        {
            return;
        }

        var addresses = spec.Texts("clusterIPs").ToList();
        var i = 0;
        foreach (var address in before.Texts("clusterIPs"))
        {
            if (address.Length > 0 && (i >= addresses.Count || addresses[i] != address))
            {
                errors.InvalidRaw($"spec.clusterIPs[{i}]", GoText.Strings(addresses), "may not change once set");
            }

            i++;
        }

        if (before.Text("loadBalancerClass") is { Length: > 0 } && before.Text("type") == "LoadBalancer" && spec.Text("type") == "LoadBalancer")
        {
            if (spec.Text("loadBalancerClass") != before.Text("loadBalancerClass"))
            {
                errors.Invalid("spec.loadBalancerClass", spec.Text("loadBalancerClass") ?? "", "may not change once set");
            }
        }
    }

    private static void ByType(JsonObject spec, string type, bool isHeadless, ErrorList errors)
    {
        var hasPorts = spec.Array("ports") is { Count: > 0 };
        if (!hasPorts && !isHeadless && type != "ExternalName")
        {
            errors.Required("spec.ports");
        }

        switch (type)
        {
            case "":
                errors.Required("spec.type");
                break;
            case "NodePort" or "LoadBalancer" when isHeadless:
                errors.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {type} services");
                break;
            case "ExternalName":
                if (spec.Array("clusterIPs") is { Count: > 0 })
                {
                    errors.Forbidden("spec.clusterIPs", "may not be set for ExternalName services");
                }

                var name = spec.Text("externalName") ?? "";
                errors.CheckRequired("spec.externalName", name.EndsWith('.') ? name[..^1] : name, NameRules.DnsSubdomain);
                break;
        }
    }

    private static void Ports(JsonObject spec, string type, ErrorList errors)
    {
        var ports = spec.Objects("ports").ToList();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var taken = new HashSet<(string?, long?)>();
        var nodePorts = new HashSet<(string?, long)>();
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports[i], $"spec.ports[{i}]");
            Port(port, at, ports.Count > 1, names, errors);
            if (!taken.Add((port.Text("protocol"), port.Number("port"))))
            {
                errors.DuplicateRaw(at, port.ToJsonString());
            }

            if (port.Number("nodePort") is { } nodePort && nodePort != 0)
            {
                if (type is "ClusterIP" or "ExternalName")
                {
                    errors.Forbidden($"{at}.nodePort", $"may not be used when `type` is '{type}'");
                }
                else if (!nodePorts.Add((port.Text("protocol"), nodePort)))
                {
                    errors.DuplicateRaw($"{at}.nodePort", port["nodePort"]!.ToJsonString());
                }
            }

            if (type == "LoadBalancer" && port.Number("port") == 10250)
            {
                errors.Invalid(at, 10250, "may not expose port 10250 externally since it is used by kubelet");
            }
        }
    }

    private static void Port(JsonObject port, string path, bool needsName, HashSet<string> names, ErrorList errors)
    {
        var name = port.Text("name") ?? "";
        if (name.Length > 0)
        {
            errors.Check($"{path}.name", name, NameRules.DnsLabel(name));
            if (!names.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }
        }
        else if (needsName)
        {
            errors.Required($"{path}.name");
        }

        errors.Port($"{path}.port", port.Number("port") ?? 0);
        errors.CheckRequired($"{path}.protocol", port.Text("protocol"));
        PortRules.NumberOrName(port["targetPort"], $"{path}.targetPort", errors);
        if (port.Text("appProtocol") is { } protocol)
        {
            errors.Check($"{path}.appProtocol", protocol, NameRules.QualifiedName(protocol));
        }
    }

    private static void Affinity(JsonObject spec, ErrorList errors)
    {
        errors.CheckRequired("spec.sessionAffinity", spec.Text("sessionAffinity"));
        if (spec.Text("sessionAffinity") == "ClientIP")
        {
            const string Path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
            if (spec.Child("sessionAffinityConfig", "clientIP").Number("timeoutSeconds") is not { } seconds)
            {
                errors.Required(Path);
            }
            else if (seconds is <= 0 or > MaxAffinitySeconds)
            {
                errors.Invalid(Path, seconds, "must be greater than 0 and less than 86400");
            }
        }
    }

    private static void Addresses(JsonObject spec, string type, ErrorList errors)
    {
        var all = spec.Texts("clusterIPs").ToList();
        var first = spec.Text("clusterIP") ?? "";
        if (all.Count == 0)
        {
            if (first.Length > 0 && type != "ExternalName")
            {
                errors.Required("spec.clusterIPs");
            }

            return;
        }

        if (first.Length == 0)
        {
            errors.Forbidden("spec.clusterIPs", "must be empty when `clusterIP` is not specified");
        }
        else if (all[0] != first)
        {
            errors.InvalidRaw("spec.clusterIPs", GoText.Strings(all), "first value must match `clusterIP`");
        }

        for (var i = 0; i < all.Count; i++)
        {
            if (all[i] == "None")
            {
                if (all.Count > 1)
                {
                    errors.InvalidRaw($"spec.clusterIPs[{i}]", GoText.Quote("None"), "may not be set together with addresses");
                }
            }
            else
            {
                errors.Check($"spec.clusterIPs[{i}]", all[i], NameRules.IpAddress(all[i]));
            }
        }

        if (all.Count > 1)
        {
            errors.InvalidRaw("spec.clusterIPs", GoText.Strings(all), "may only hold one value: this cluster is not configured for dual-stack services");
        }
    }

    private static void External(JsonObject spec, string type, ErrorList errors)
    {
        var i = 0;
        foreach (var address in spec.Texts("externalIPs"))
        {
            errors.Check($"spec.externalIPs[{i++}]", address, NameRules.IpAddress(address));
        }

        i = 0;
        foreach (var range in spec.Texts("loadBalancerSourceRanges"))
        {
            errors.Check($"spec.loadBalancerSourceRanges[{i++}]", range, NameRules.Cidr(range.Trim()));
        }

        if (i > 0 && type != "LoadBalancer")
        {
            errors.Forbidden("spec.loadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'");
        }

        foreach (var field in (ReadOnlySpan<string>)["allocateLoadBalancerNodePorts", "loadBalancerClass"])
        {
            if (spec[field] is not null && type != "LoadBalancer")
            {
                errors.Forbidden($"spec.{field}", "may only be used when `type` is 'LoadBalancer'");
            }
        }

        var isExternal = type is "NodePort" or "LoadBalancer" || spec.Array("externalIPs") is { Count: > 0 };
        if (spec.Text("externalTrafficPolicy") is { Length: > 0 } policy && !isExternal)
        {
            errors.Invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services");
        }

        if (spec.Number("healthCheckNodePort") is { } port && port != 0 && (type != "LoadBalancer" || spec.Text("externalTrafficPolicy") != "Local"))
        {
            errors.Invalid("spec.healthCheckNodePort", port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
    }

    private static void Families(JsonObject spec, ErrorList errors)
    {
        var i = 0;
        foreach (var family in spec.Texts("ipFamilies"))
        {
            if (family == "IPv6")
            {
                errors.Invalid($"spec.ipFamilies[{i}]", family, "not configured on this cluster");
            }

            i++;
        }

        if (spec.Text("ipFamilyPolicy") == "RequireDualStack")
        {
            errors.Invalid("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services");
        }
    }
}
