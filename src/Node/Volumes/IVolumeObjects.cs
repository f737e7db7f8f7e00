using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>The objects that volumes are made from; tests put their own in place of the API server's.</summary>
internal interface IVolumeObjects
{
    /// <summary>An object was created, changed or deleted; null when any may have been.</summary>
    event Action<ObjectReferenceKey?>? Changed;

    /// <summary>Follows the objects until cancelled.</summary>
    Task FollowAsync(CancellationToken ct);

    /// <summary>A ConfigMap, or null.</summary>
    Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct);

    /// <summary>A Secret, or null.</summary>
    Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct);

    /// <summary>A claim, or null.</summary>
    Task<PersistentVolumeClaim?> FindClaimAsync(string ns, string name, CancellationToken ct);

    /// <summary>A persistent volume, or null.</summary>
    Task<PersistentVolume?> FindVolumeAsync(string name, CancellationToken ct);

    /// <summary>A new token of the pod's service account, bound to the pod.</summary>
    Task<TokenRequestStatus> RequestTokenAsync(Pod pod, ServiceAccountTokenProjection projection, CancellationToken ct);
}

/// <summary>Names an object that a volume is made from.</summary>
internal readonly record struct ObjectReferenceKey(string Kind, string Namespace, string Name);
