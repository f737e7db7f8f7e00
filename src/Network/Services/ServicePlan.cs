using System.Collections.Immutable;
using System.Net;
using Sealos.ControllerKit;
using Sealos.Network.Nft;

namespace Sealos.Network.Services;

/// <summary>All that one service needs in the kernel's table; equal inputs give equal plans.</summary>
internal sealed record ServicePlan
{
    public static ServicePlan Nothing(ObjectKey service) => new() { Service = service };

    public required ObjectKey Service { get; init; }

    /// <summary>Who comes first when two services want one address and port: the older one.</summary>
    public DateTimeOffset Created { get; init; }

    public ImmutableArray<PlanElement> Elements { get; init; } = [];

    public ImmutableArray<PlanChain> Chains { get; init; } = [];

    /// <summary>UDP has no end of a connection: what the kernel remembers of it must be forgotten when its endpoint goes.</summary>
    public ImmutableArray<UdpPort> UdpPorts { get; init; } = [];

    /// <summary>What the service asks for and does not get, for the operator to read.</summary>
    public ImmutableArray<string> Refusals { get; init; } = [];
}

/// <summary>A chain of one service's port, its rules in order, and the sets that only these rules use.</summary>
internal sealed record PlanChain(string Name, ImmutableArray<string> Rules, ImmutableArray<string> ClientSets)
{
    public bool IsSameAs(PlanChain other) => Rules.SequenceEqual(other.Rules) && ClientSets.SequenceEqual(other.ClientSets);
}

/// <summary>A UDP port as clients see it; without an address it is a node port.</summary>
internal sealed record UdpPort(IPAddress? Address, int Port, ImmutableArray<IPAddress> Endpoints);
