using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Defaults;

/// <summary>Services. Addresses and node ports are given by the API server's allocator, not here.</summary>
internal static class ServiceDefaults
{
    public static void Service(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        var type = spec.Text("type") is { Length: > 0 } given ? given : "ClusterIP";
        Affinity(spec);
        foreach (var port in spec.Objects("ports"))
        {
            if ((port["targetPort"] is null || port.Number("targetPort") == 0 || port.Text("targetPort") == "") && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }

        if (type is "NodePort" or "LoadBalancer")
        {
            spec.SetDefault("externalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer")
        {
            spec.SetMissing("allocateLoadBalancerNodePorts", true);
        }

        if (type != "ExternalName")
        {
            spec.SetDefault("internalTrafficPolicy", "Cluster");
            Addresses(spec);
        }

        foreach (var ingress in obj.Child("status", "loadBalancer").Objects("ingress"))
        {
            if (ingress.Text("ip") is { Length: > 0 })
            {
                ingress.SetMissing("ipMode", "VIP");
            }
        }
    }

    private static void Affinity(JsonObject spec)
    {
        if (spec.Text("sessionAffinity") == "ClientIP")
        {
            spec.Ensure("sessionAffinityConfig").Ensure("clientIP").SetMissing("timeoutSeconds", 10800L);
        }
        else if (spec.Text("sessionAffinity") is null or "" or "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
    }

    private static void Addresses(JsonObject spec)
    {
        spec.SetMissing("ipFamilyPolicy", "SingleStack");
        if (spec.Array("ipFamilies") is not { Count: > 0 })
        {
            spec["ipFamilies"] = new JsonArray("IPv4");
        }

        if (spec.Text("clusterIP") is { Length: > 0 } address && spec.Array("clusterIPs") is not { Count: > 0 })
        {
            spec["clusterIPs"] = new JsonArray(address);
        }
        else if (string.IsNullOrEmpty(spec.Text("clusterIP")) && spec.Texts("clusterIPs").FirstOrDefault() is { Length: > 0 } first)
        {
            spec["clusterIP"] = first;
        }
    }
}
