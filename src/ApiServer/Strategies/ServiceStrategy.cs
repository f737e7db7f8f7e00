using System.Net;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Strategies;

/// <summary>Services get their cluster address and node ports from pools when they are created or change type.</summary>
internal sealed class ServiceStrategy(AddressPool addresses, PortPool ports) : Strategy
{
    private static readonly string[] AddressFields = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"];

    public override bool CreatesOnUpdate => true;

    /// <summary>The address of the API server's own Service.</summary>
    public IPAddress FirstAddress => addresses.First;

    /// <summary>Follows the cache: what stored Services hold is taken, what deleted ones held is free.</summary>
    public void Follow(WatchEvent change)
    {
        var before = change.Previous is { } previous ? Held(previous.Parse()) : ServiceHoldings.None;
        var now = change.Type == WatchEventType.Deleted ? ServiceHoldings.None : Held(change.Subject.Parse());
        before.Without(now).Release(addresses, ports);
        now.Without(before).Take(addresses, ports);
    }

    public override void PrepareForCreate(JsonObject obj, Resource resource)
    {
        base.PrepareForCreate(obj, resource);
        SetFamilies(obj.Child("spec"));
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, Resource resource)
    {
        base.PrepareForUpdate(obj, old, resource);
        if (obj.Child("spec") is { } spec && old.Child("spec") is { } before)
        {
            DropWhatTheTypeHadNeeded(spec, before);
            KeepAllocated(spec, before);
        }

        SetFamilies(obj.Child("spec"));
    }

    public override IEnumerable<FieldError> ValidateCreate(JsonObject obj) => ValidateFamilies(obj.Child("spec"));

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject obj, JsonObject old) => ValidateFamilies(obj.Child("spec"));

    public override IReservation? Reserve(JsonObject obj, JsonObject? old)
    {
        var held = old is null ? ServiceHoldings.None : Held(old);
        var allocation = new ServiceAllocation(addresses, ports, held);
        try
        {
            allocation.Allocate(obj);
            return allocation;
        }
        catch (ApiException)
        {
            allocation.Rollback();
            throw;
        }
    }

    /// <summary>What a Service holds of the pools.</summary>
    public static ServiceHoldings Held(JsonObject service)
    {
        var spec = service.Child("spec");
        var nodePorts = spec.Objects("ports").Select(p => (int)(p.Number("nodePort") ?? 0))
            .Append((int)(spec.Number("healthCheckNodePort") ?? 0))
            .Where(p => p > 0)
            .ToHashSet();
        return new ServiceHoldings(IPAddress.TryParse(spec.Text("clusterIP"), out var address) ? address : null, nodePorts);
    }

    public static bool NeedsAddress(JsonObject? spec) => spec.Text("type") != "ExternalName";

    public static bool NeedsNodePorts(JsonObject? spec) =>
        spec.Text("type") == "NodePort" || (spec.Text("type") == "LoadBalancer" && spec.Flag("allocateLoadBalancerNodePorts") != false);

    private static IEnumerable<FieldError> ValidateFamilies(JsonObject? spec)
    {
        if (spec.Text("ipFamilyPolicy") == "RequireDualStack")
        {
            yield return new FieldError(FieldErrorType.Invalid, "spec.ipFamilyPolicy", "\"RequireDualStack\"", "this cluster is not configured for dual-stack services");
        }

        foreach (var (index, family) in spec.Texts("ipFamilies").Index())
        {
            if (family == "IPv6")
            {
                yield return new FieldError(FieldErrorType.Invalid, $"spec.ipFamilies[{index}]", "\"IPv6\"", "not configured on this cluster");
            }
        }
    }

    private static void SetFamilies(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        if (!NeedsAddress(spec))
        {
            foreach (var name in AddressFields)
            {
                spec.Remove(name);
            }

            return;
        }

        if (!spec.Texts("ipFamilies").Any())
        {
            spec["ipFamilies"] = new JsonArray("IPv4");
        }

        spec["ipFamilyPolicy"] ??= "SingleStack";
        spec["internalTrafficPolicy"] ??= "Cluster";
        if (spec.Text("clusterIP") is { Length: > 0 } address)
        {
            spec["clusterIPs"] = spec.Array("clusterIPs") is { Count: > 0 } given ? given.DeepClone() : new JsonArray(address);
        }
        else if (spec.Texts("clusterIPs").FirstOrDefault() is { Length: > 0 } first)
        {
            spec["clusterIP"] = first;
        }
    }

    /// <summary>Changing the type drops what only the old type needed, unless the update gives it anew.</summary>
    private static void DropWhatTheTypeHadNeeded(JsonObject spec, JsonObject before)
    {
        void DropIf(bool noLonger, string name)
        {
            if (noLonger && JsonNode.DeepEquals(spec[name], before[name]))
            {
                spec.Remove(name);
            }
        }

        var lostAddress = NeedsAddress(before) && !NeedsAddress(spec);
        DropIf(lostAddress, "clusterIP");
        DropIf(lostAddress, "clusterIPs");
        DropIf(IsExternal(before) && !IsExternal(spec), "externalTrafficPolicy");
        var lostBalancer = before.Text("type") == "LoadBalancer" && spec.Text("type") != "LoadBalancer";
        DropIf(lostBalancer, "allocateLoadBalancerNodePorts");
        DropIf(lostBalancer, "loadBalancerClass");
        DropIf(lostBalancer, "healthCheckNodePort");
        if (IsExternal(before) && !IsExternal(spec) && spec.Objects("ports").Select(NodePort).SequenceEqual(before.Objects("ports").Select(NodePort)))
        {
            foreach (var port in spec.Objects("ports"))
            {
                port.Remove("nodePort");
            }
        }
    }

    private static bool IsExternal(JsonObject spec) => spec.Text("type") is "NodePort" or "LoadBalancer";

    private static long NodePort(JsonObject port) => port.Number("nodePort") ?? 0;

    /// <summary>What an update leaves out but still needs stays as it was.</summary>
    private static void KeepAllocated(JsonObject spec, JsonObject before)
    {
        if (NeedsAddress(spec) && NeedsAddress(before) && string.IsNullOrEmpty(spec.Text("clusterIP")) && !spec.Texts("clusterIPs").Any())
        {
            CopyField(before, spec, "clusterIP");
            CopyField(before, spec, "clusterIPs");
        }

        if (!NeedsNodePorts(spec) || !NeedsNodePorts(before))
        {
            return;
        }

        foreach (var port in spec.Objects("ports").Where(p => p.Number("nodePort") is null or 0))
        {
            var same = before.Objects("ports").FirstOrDefault(b => b.Number("port") == port.Number("port") && b.Text("protocol") == port.Text("protocol"));
            if (same.Number("nodePort") is { } nodePort and > 0)
            {
                port["nodePort"] = nodePort;
            }
        }

        if (spec.Number("healthCheckNodePort") is null or 0)
        {
            CopyField(before, spec, "healthCheckNodePort");
        }
    }
}
