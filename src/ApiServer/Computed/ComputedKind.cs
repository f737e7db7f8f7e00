using System.Text.Json.Nodes;

namespace Sealos.ApiServer.Computed;

/// <summary>A kind whose objects are found out when they are asked for.</summary>
internal abstract class ComputedKind
{
    /// <summary>What clients are told besides the answer; null for nothing.</summary>
    public virtual string? Warning => null;

    /// <summary>Its objects: of a namespace, or of all where that is null.</summary>
    public abstract Task<IReadOnlyList<JsonObject>> ListAsync(string? @namespace, CancellationToken cancellationToken);
}
