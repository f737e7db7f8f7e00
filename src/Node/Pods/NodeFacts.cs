using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;
using Sealos.Objects.Meta;

namespace Sealos.Node.Pods;

/// <summary>What does not change about this node while the server runs.</summary>
internal sealed record NodeFacts
{
    public required string Ip { get; init; }

    public required long MemoryBytes { get; init; }

    public required IReadOnlyDictionary<string, Quantity> Allocatable { get; init; }

    public required ResolverConfig Resolver { get; init; }

    public required bool HasUnifiedCgroups { get; init; }

    /// <summary>The runtime's handler for a runtimeClassName; null where there is no such class.</summary>
    public Func<string, string?> FindHandler { get; init; } = _ => null;

    /// <summary>What the runtime can do.</summary>
    public Func<RuntimeAbilities> Abilities { get; init; } = () => RuntimeAbilities.None;

    /// <summary>See <see cref="NodeOptions.AllowedSysctls"/>.</summary>
    public IReadOnlyList<string> AllowedSysctls { get; init; } = [];

    /// <summary>Whether AppArmor confines programs on this machine.</summary>
    public bool HasAppArmor { get; init; }

    /// <summary>Where profiles of seccomp lie that pods name.</summary>
    public required string SeccompRoot { get; init; }
}
