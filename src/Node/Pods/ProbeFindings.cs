using Sealos.Node.Probes;

namespace Sealos.Node.Pods;

/// <summary>The findings of the probes that run.</summary>
internal sealed class ProbeFindings(ProbeManager probes) : IProbeFindings
{
    /// <inheritdoc/>
    public bool IsStarted(string uid, string container) => probes.IsStarted(uid, container);

    /// <inheritdoc/>
    public string? FindFailure(string uid, string containerId) => probes.FindFailure(containerId);
}
