using Sealos.Kinds.Core;

namespace Sealos.Node.Probes;

/// <summary>What a probe is asked for.</summary>
internal enum ProbeKind
{
    Startup,
    Liveness,
    Readiness,
}

/// <summary>One start of a container, as probes see it.</summary>
/// <param name="Pod">The pod; its status tells what was known of this very container before the server restarted.</param>
/// <param name="Container">The container's specification.</param>
/// <param name="ContainerId">The runtime's id of this start.</param>
/// <param name="PodIp">Where its ports are reached.</param>
/// <param name="StartedAt">When it began to run.</param>
internal sealed record ProbeTarget(Pod Pod, Container Container, string ContainerId, string PodIp, DateTimeOffset StartedAt);

/// <summary>What one look found; null instead when nothing could be found out.</summary>
internal sealed record ProbeOutcome(bool IsSuccess, string Message);

/// <summary>A probe has reached a new verdict on a container.</summary>
internal sealed record ProbeResultChange(string PodUid, string Container, string ContainerId, ProbeKind Kind, bool IsSuccess);

/// <summary>A single look failed; not yet a verdict, but something a person may want to know.</summary>
internal sealed record ProbeFailure(Pod Pod, string Container, string Message);

/// <summary>Looks once; tests put a fake in its place.</summary>
internal interface IProber
{
    /// <summary>Looks at a container in the way that a probe says; null when that is not possible, which is nobody's failure.</summary>
    Task<ProbeOutcome?> ProbeAsync(ProbeTarget target, Probe probe, CancellationToken ct);
}
