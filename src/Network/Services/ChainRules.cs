using System.Collections.Immutable;
using System.Net;

namespace Sealos.Network.Services;

/// <summary>The rules that pick one of a port's endpoints.</summary>
internal static class ChainRules
{
    public static PlanChain Render(PortTarget target, bool allArePods, IPNetwork podRange)
    {
        var rules = ImmutableArray.CreateBuilder<string>();
        var sets = ImmutableArray.CreateBuilder<string>();
        if (!allArePods)
        {
            rules.Add($"ip saddr != {podRange} meta mark set meta mark | {ServiceTable.Mark}");
        }

        if (target.AffinitySeconds is { } seconds)
        {
            AddAffinity(target, seconds, rules, sets);
        }

        // With affinity this is reached only when a set of clients is full: then any endpoint is better than none.
        var choices = string.Join(", ", target.Endpoints.Select((e, i) => $"{i} : {e.Concatenated}"));
        rules.Add($"meta l4proto {target.Protocol} dnat ip to numgen random mod {target.Endpoints.Length} map {{ {choices} }}");

        // A packet that is on its way through these rules when they are replaced may find the map empty, but not this.
        rules.Add($"meta l4proto {target.Protocol} dnat ip to {target.Endpoints[0].Address}:{target.Endpoints[0].Port}");
        return new PlanChain(target.Chain, rules.ToImmutable(), sets.ToImmutable());
    }

    // Each endpoint has a set of the clients it last served. A known client goes where it was; a new one is offered to each
    // endpoint in turn with the odds that give all the same share.
    private static void AddAffinity(PortTarget target, int seconds, ImmutableArray<string>.Builder rules, ImmutableArray<string>.Builder sets)
    {
        var endpoints = target.Endpoints;
        foreach (var endpoint in endpoints)
        {
            var set = SetName(target, endpoint);
            sets.Add(set);
            rules.Add($"ip saddr @{set} {Take(target, endpoint, seconds)}");
        }

        for (var i = 0; i < endpoints.Length; i++)
        {
            rules.Add($"numgen random mod {endpoints.Length - i} 0 {Take(target, endpoints[i], seconds)}");
        }
    }

    private static string Take(PortTarget target, EndpointAddress endpoint, int seconds) =>
        $"update @{SetName(target, endpoint)} {{ ip saddr timeout {seconds}s }} meta l4proto {target.Protocol} dnat ip to {endpoint.Address}:{endpoint.Port}";

    private static string SetName(PortTarget target, EndpointAddress endpoint) => $"{ServiceTable.ClientSetPrefix}{target.Chain}/{endpoint.Address}/{endpoint.Port}";
}
