using Microsoft.Extensions.Logging;
using Sealos.Kinds.Core;
using Sealos.Node.Cri;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Sealos.Node.Probes;
using Sealos.Node.Volumes;

namespace Sealos.Node.Pods;

/// <summary>What every pod worker works with.</summary>
internal sealed record PodTools
{
    public required IPodApi Api { get; init; }

    /// <summary>The API as workers of static pods see it; null where there are none.</summary>
    public IPodApi? StaticApi { get; init; }

    public required RuntimeCache Runtime { get; init; }

    public required ContainerStarter Starter { get; init; }

    public required ContainerKiller Killer { get; init; }

    public required SandboxConfigBuilder Sandboxes { get; init; }

    public required PodCgroups Cgroups { get; init; }

    public required PodDirectories Directories { get; init; }

    public required VolumeManager Volumes { get; init; }

    public required ProbeManager Probes { get; init; }

    public IProbeFindings Findings => field ??= new ProbeFindings(Probes);

    /// <summary>Why a pod that has just come cannot run here; null when it can.</summary>
    public Func<Pod, CancellationToken, Task<PodFailure?>> Admit { get; init; } = (_, _) => Task.FromResult<PodFailure?>(null);

    /// <summary>What pods have been given of the node.</summary>
    public required NodeRoom Room { get; init; }

    /// <summary>The runtime, for what is changed of running containers.</summary>
    public required CriClient Cri { get; init; }

    public required NodeFacts Node { get; init; }

    public PodNetworkSeam Network { get; init; } = new();

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }
}
