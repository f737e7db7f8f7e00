using System.Collections.Immutable;
using System.Net;
using Sealos.ControllerKit;

namespace Sealos.Network.Policies;

/// <summary>A policy as it is compiled. A direction without rules is isolated; a direction that is null is left alone.</summary>
internal sealed record ParsedPolicy(ObjectKey Key, LabelTerms Pods, ImmutableArray<PolicyRule>? Ingress, ImmutableArray<PolicyRule>? Egress)
{
    public ImmutableArray<PolicyRule>? Rules(Direction direction) => direction == Direction.Ingress ? Ingress : Egress;
}

/// <summary>Peers and ports that a rule allows together; null stands for all of them.</summary>
internal sealed record PolicyRule(ImmutableArray<Peer>? Peers, ImmutableArray<PolicyPort>? Ports)
{
    public bool HasNames => Ports is { } ports && ports.Any(p => p.Name is not null);
}

/// <summary>Whom a rule names: pods, or a block of addresses.</summary>
internal abstract record Peer;

/// <summary>The pods of one namespace, or of those a selector finds, that another selector finds.</summary>
internal sealed record PodPeer(string? Namespace, LabelTerms? Namespaces, LabelTerms Pods) : Peer
{
    /// <summary>Equal groups of pods have equal keys, whichever policies name them.</summary>
    public string Key => Namespace is null ? $"*[{Namespaces!.Text}]/{Pods.Text}" : $"{Namespace}/{Pods.Text}";
}

/// <summary>Addresses without some of them.</summary>
internal sealed record BlockPeer(IPNetwork Block, ImmutableArray<IPNetwork> Except) : Peer
{
    public bool Contains(IPAddress address) => Block.Contains(address) && !Except.Any(e => e.Contains(address));
}

/// <summary>A port by number, a range of them, or a name that each pod gives its own number.</summary>
internal readonly record struct PolicyPort(string Protocol, int First, int Last, string? Name)
{
    public bool IsExact => Name is null && First == Last;
}
