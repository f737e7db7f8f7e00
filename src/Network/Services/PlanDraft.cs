using System.Collections.Immutable;
using System.Net;
using Sealos.ControllerKit;
using Sealos.Network.Nft;

namespace Sealos.Network.Services;

/// <summary>Where the traffic of one port goes: its endpoints, and the chain that picks among them where one is needed.</summary>
internal sealed record PortTarget(string Protocol, ImmutableArray<EndpointAddress> Endpoints, bool IsEmptyByPolicy, int? AffinitySeconds, string Chain);

/// <summary>Gathers one service's elements and chains.</summary>
internal sealed class PlanDraft(ObjectKey service, IPNetwork podRange)
{
    private readonly Dictionary<ElementKey, string?> _elements = [];
    private readonly SortedDictionary<string, PlanChain> _chains = new(StringComparer.Ordinal);
    private readonly List<UdpPort> _udpPorts = [];
    private readonly List<string> _refusals = [];

    public ObjectKey Service => service;

    public void Refuse(string what) => _refusals.Add(what);

    public void AddClusterIP(IPAddress address) => _elements[new ElementKey(ServiceTable.ClusterIPs, $"{address}")] = null;

    public void AddAddress(IPAddress address, int port, PortTarget target)
    {
        Add($"{address} . {target.Protocol} . {port}", target, new Containers(ServiceTable.Single, ServiceTable.Many, ServiceTable.Empty));
        AddUdp(address, port, target);
    }

    /// <summary>Lets only some senders reach an address and port that was added.</summary>
    public void AddGuard(IPAddress address, int port, PortTarget target, IReadOnlyList<IPNetwork> senders)
    {
        var chain = target.Chain + "/guard";
        _elements[new ElementKey(ServiceTable.Guards, $"{address} . {target.Protocol} . {port}")] = $"goto {chain}";
        _chains[chain] = new PlanChain(chain, [.. senders.Select(s => $"ip saddr {s} return"), "drop"], []);
    }

    public void AddNodePort(int port, PortTarget target)
    {
        Add($"{target.Protocol} . {port}", target, new Containers(ServiceTable.NodeSingle, ServiceTable.NodeMany, ServiceTable.NodeEmpty));
        AddUdp(null, port, target);
    }

    public ServicePlan ToPlan(DateTimeOffset created) => new()
    {
        Service = service,
        Created = created,
        Elements = [.. _elements.Select(e => new PlanElement(e.Key, e.Value))],
        Chains = [.. _chains.Values],
        UdpPorts = [.. _udpPorts],
        Refusals = [.. _refusals],
    };

    private void Add(string key, PortTarget target, Containers containers)
    {
        var pods = target.Endpoints.Where(e => podRange.Contains(e.Address)).ToList();
        foreach (var pod in pods)
        {
            _elements[new ElementKey(ServiceTable.Hairpins, $"{pod.Address} . {pod.Address}")] = null;
        }

        if (target.Endpoints.IsEmpty)
        {
            _elements[new ElementKey(containers.Empty, key)] = target.IsEmptyByPolicy ? ServiceTable.Drop : ServiceTable.Refuse;
        }
        else if (target.Endpoints.Length == 1 && pods.Count == 1 && target.AffinitySeconds is null)
        {
            _elements[new ElementKey(containers.Single, key)] = target.Endpoints[0].Concatenated;
        }
        else
        {
            _elements[new ElementKey(containers.Many, key)] = $"goto {target.Chain}";
            _chains[target.Chain] = ChainRules.Render(target, allArePods: pods.Count == target.Endpoints.Length, podRange);
        }
    }

    private void AddUdp(IPAddress? address, int port, PortTarget target)
    {
        if (target.Protocol == "udp")
        {
            _udpPorts.Add(new UdpPort(address, port, [.. target.Endpoints.Select(e => e.Address)]));
        }
    }

    private readonly record struct Containers(string Single, string Many, string Empty);
}
