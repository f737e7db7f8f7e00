using Microsoft.Extensions.Logging;
using Sealos.Node.Pods.Config;
using Sealos.Node.Probes;
using Sealos.Node.Volumes;

namespace Sealos.Node.Pods;

/// <summary>What every pod worker works with.</summary>
internal sealed record PodTools
{
    public required IPodApi Api { get; init; }

    public required RuntimeCache Runtime { get; init; }

    public required ContainerStarter Starter { get; init; }

    public required ContainerKiller Killer { get; init; }

    public required SandboxConfigBuilder Sandboxes { get; init; }

    public required PodCgroups Cgroups { get; init; }

    public required PodDirectories Directories { get; init; }

    public required VolumeManager Volumes { get; init; }

    public required ProbeManager Probes { get; init; }

    public IProbeFindings Findings => field ??= new ProbeFindings(Probes);

    public required NodeFacts Node { get; init; }

    public PodNetworkSeam Network { get; init; } = new();

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }
}
