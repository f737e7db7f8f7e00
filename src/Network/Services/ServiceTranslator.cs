using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;

namespace Sealos.Network.Services;

/// <summary>A service and its endpoints, as elements and chains of the table. Pure: the same objects give the same plan.</summary>
internal sealed partial class ServiceTranslator(ServiceProxyOptions options)
{
    private const int DefaultAffinitySeconds = 10800;

    public ServicePlan Translate(Service service, IReadOnlyList<EndpointSlice> slices)
    {
        var key = ObjectKey.Of(service);
        if (service.Spec is not { Type: not "ExternalName" } spec || spec.ClusterIP is null or "" or "None")
        {
            return ServicePlan.Nothing(key);
        }

        // Names become part of a script; the API server only lets names of this form in, and so do we.
        if (!Name().IsMatch(key.Namespace ?? "") || !Name().IsMatch(key.Name))
        {
            return ServicePlan.Nothing(key) with { Refusals = ["a name that is no DNS label"] };
        }

        if (!TryParse(spec.ClusterIP, out var clusterIP))
        {
            return ServicePlan.Nothing(key) with { Refusals = [$"clusterIP {spec.ClusterIP}: IPv6 is not supported yet"] };
        }

        var draft = new PlanDraft(key, options.PodRange);
        var balanced = BalancerAddresses(service);
        var addresses = new Addresses(clusterIP, [.. ExternalIPs(spec, draft).Union(balanced)], balanced, Senders(spec));
        foreach (var port in spec.Ports ?? [])
        {
            AddPort(draft, service, port, addresses, slices);
        }

        return draft.ToPlan(service.Metadata.CreationTimestamp ?? default);
    }

    private void AddPort(PlanDraft draft, Service service, ServicePort port, Addresses addresses, IReadOnlyList<EndpointSlice> slices)
    {
        var protocol = (port.Protocol ?? "TCP").ToLowerInvariant();
        if (!ServiceTable.Carries(protocol))
        {
            draft.Refuse($"port {port.Port}: protocol {port.Protocol} is not supported yet");
            return;
        }

        if (port.Port is not (>= 1 and <= 65535) || port.NodePort is < 0 or > 65535)
        {
            draft.Refuse($"port {port.Port}, node port {port.NodePort}: outside 1 to 65535");
            return;
        }

        var spec = service.Spec!;
        var all = PortEndpoints.Select(port, slices, options.NodeName);
        var affinity = spec.SessionAffinity == "ClientIP" ? spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? DefaultAffinitySeconds : (int?)null;
        var chain = $"{ServiceTable.ChainPrefix}{draft.Service.Namespace}/{draft.Service.Name}/{protocol}/{port.Port}";

        // An endpoint that is the service's own address answers there by itself, as cluster DNS does: nothing to carry.
        if (!all.Any(e => e.Address.Equals(addresses.Cluster)))
        {
            var inside = new PortTarget(protocol, Near(all, spec.InternalTrafficPolicy), IsEmptyByPolicy(all, spec.InternalTrafficPolicy), affinity, chain);
            draft.AddAddress(addresses.Cluster, port.Port.Value, inside);
            draft.AddClusterIP(addresses.Cluster);
        }

        var near = new PortTarget(protocol, Near(all, spec.ExternalTrafficPolicy), IsEmptyByPolicy(all, spec.ExternalTrafficPolicy), affinity, chain);
        near = IsLocal(spec.ExternalTrafficPolicy) == IsLocal(spec.InternalTrafficPolicy) ? near : near with { Chain = chain + "/outside" };
        foreach (var address in addresses.Outside)
        {
            draft.AddAddress(address, port.Port.Value, near);
        }

        foreach (var address in addresses.Balanced.Where(_ => addresses.Senders is not null))
        {
            draft.AddGuard(address, port.Port.Value, near, addresses.Senders!);
        }

        if (port.NodePort is > 0)
        {
            draft.AddNodePort(port.NodePort.Value, near);
        }
    }

    private static ImmutableArray<EndpointAddress> Near(ImmutableArray<EndpointAddress> all, string? policy) =>
        IsLocal(policy) ? [.. all.Where(e => e.IsLocal)] : all;

    private static bool IsEmptyByPolicy(ImmutableArray<EndpointAddress> all, string? policy) =>
        IsLocal(policy) && all.Length > 0 && !all.Any(e => e.IsLocal);

    private static bool IsLocal(string? policy) => policy == "Local";

    private List<IPAddress> ExternalIPs(ServiceSpec spec, PlanDraft draft)
    {
        if (spec.ExternalIPs is not { Count: > 0 } external)
        {
            return [];
        }

        if (!options.AllowExternalIPs)
        {
            draft.Refuse("externalIPs: not allowed in this cloud");
            return [];
        }

        return Parse(external);
    }

    private static List<IPAddress> BalancerAddresses(Service service) =>
        Parse((service.Status?.LoadBalancer?.Ingress ?? []).Where(i => i.IpMode is null or "VIP").Select(i => i.Ip));

    // Null: everybody. A range that cannot be read lets nobody in.
    private static List<IPNetwork>? Senders(ServiceSpec spec) => spec.LoadBalancerSourceRanges is { Count: > 0 } ranges
        ? [.. ranges.Select(r => IPNetwork.TryParse(r.Trim(), out var range) && range.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? range : (IPNetwork?)null).OfType<IPNetwork>()]
        : null;

    private static List<IPAddress> Parse(IEnumerable<string?> texts) => [.. texts.Select(text => TryParse(text, out var address) ? address : null).OfType<IPAddress>().Distinct()];

    private static bool TryParse(string? text, out IPAddress address) =>
        IPAddress.TryParse(text, out address!) && address.AddressFamily == AddressFamily.InterNetwork;

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex Name();

    private sealed record Addresses(IPAddress Cluster, IReadOnlyList<IPAddress> Outside, IReadOnlyList<IPAddress> Balanced, IReadOnlyList<IPNetwork>? Senders);
}
