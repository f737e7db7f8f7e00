using Sealos.Kinds.Core;
using V1 = Sealos.Node.Cri.Messages;

namespace Sealos.Node.Pods;

/// <summary>What the containers of one pod are started in.</summary>
internal sealed record StartContext
{
    public required Pod Pod { get; init; }

    public required RuntimePod Runtime { get; init; }

    public required string SandboxId { get; init; }

    public required V1.PodSandboxConfig Sandbox { get; init; }

    public required string PodIp { get; init; }

    /// <summary>Host paths by volume name.</summary>
    public required IReadOnlyDictionary<string, string> Volumes { get; init; }

    /// <summary>Whether the runtime can make mounts read-only with all that lies below them.</summary>
    public bool CanMountReadOnly { get; init; }

    /// <summary>The pod's own pauses.</summary>
    public required Backoff Backoff { get; init; }
}
