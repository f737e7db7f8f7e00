using Sealos.Kinds.Core;

namespace Sealos.Node.StaticPods;

/// <summary>The API server as static pods need it; tests put a fake in its place.</summary>
internal interface IMirrors
{
    /// <summary>The mirrors of this node, as last seen.</summary>
    IReadOnlyList<Pod> List();

    /// <summary>A mirror as it is now, or null.</summary>
    Task<Pod?> FindAsync(string ns, string name, CancellationToken ct);

    Task<Pod> CreateAsync(Pod mirror, CancellationToken ct);

    Task<Pod> UpdateStatusAsync(Pod mirror, CancellationToken ct);

    /// <summary>Removes a mirror at once; nothing happens when it is gone or another has its name.</summary>
    Task DeleteAsync(Pod mirror, CancellationToken ct);
}
