using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;

namespace Sealos.Node.Storage;

/// <summary>Finds the volume that a claim wants its own filled from.</summary>
internal sealed class VolumeSources(KubeClient client)
{
    /// <summary>The handle of what a claim's volume begins as a copy of, or null for an empty one.</summary>
    /// <exception cref="StorageException">There is no such thing, or not yet.</exception>
    public async Task<string?> FindAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (claim.Spec?.DataSourceRef is not { } source)
        {
            return null;
        }

        if (!string.IsNullOrEmpty(source.Namespace) && source.Namespace != claim.Metadata.Namespace)
        {
            throw new StorageException("dataSourceRef.namespace is not supported");
        }

        return (source.ApiGroup ?? "", source.Kind) switch
        {
            ("", "PersistentVolumeClaim") => await FindClaimAsync(claim, source.Name ?? "", ct).ConfigureAwait(false),
            (SnapshotDefinitions.Group, "VolumeSnapshot") => await FindSnapshotAsync(claim, source.Name ?? "", ct).ConfigureAwait(false),
            _ => throw new StorageException($"dataSource of kind {source.Kind} is not supported; use PersistentVolumeClaim or VolumeSnapshot"),
        };
    }

    /// <summary>A claim and the volume of this driver that it is bound to.</summary>
    /// <exception cref="StorageException">There is no such claim, or it is not bound, or to another driver's volume.</exception>
    public async Task<(PersistentVolumeClaim Claim, PersistentVolume Volume)> FindBoundAsync(string ns, string name, CancellationToken ct)
    {
        var claim = await client.FindAsync<PersistentVolumeClaim>(ns, name, ct).ConfigureAwait(false)
            ?? throw new StorageException($"error getting PVC {name} from api server: persistentvolumeclaims \"{name}\" not found");
        if (claim.Status?.Phase != "Bound" || await client.FindAsync<PersistentVolume>(null, claim.Spec?.VolumeName ?? "", ct).ConfigureAwait(false) is not { } volume
            || volume.Spec?.ClaimRef?.Uid != claim.Metadata.Uid)
        {
            throw new StorageException($"the PVC {name} is not yet bound to a PV");
        }

        return StorageObjects.IsOurs(volume) ? (claim, volume)
            : throw new StorageException($"the volume of PVC {name} is not of the driver {StorageObjects.DriverName}");
    }

    private async Task<string> FindClaimAsync(PersistentVolumeClaim claim, string name, CancellationToken ct)
    {
        var (_, volume) = await FindBoundAsync(claim.Metadata.Namespace!, name, ct).ConfigureAwait(false);
        RequireRoom(claim, volume.Spec!.Capacity?.GetValueOrDefault("storage").Value ?? 0);
        return volume.Spec.Csi!.VolumeHandle!;
    }

    private async Task<string> FindSnapshotAsync(PersistentVolumeClaim claim, string name, CancellationToken ct)
    {
        var snapshot = await client.FindAsync<VolumeSnapshot>(claim.Metadata.Namespace, name, ct).ConfigureAwait(false)
            ?? throw new StorageException($"error getting snapshot {name} from api server: volumesnapshots.snapshot.storage.k8s.io \"{name}\" not found");
        if (snapshot is not { Metadata.DeletionTimestamp: null, Status: { ReadyToUse: true, BoundVolumeSnapshotContentName: { } bound } })
        {
            throw new StorageException($"snapshot {name} is not Ready");
        }

        // What a snapshot says of itself counts only as far as its content confirms it.
        var content = await client.FindAsync<VolumeSnapshotContent>(null, bound, ct).ConfigureAwait(false);
        var reference = content?.Spec?.VolumeSnapshotRef;
        if (content?.Spec?.Driver != StorageObjects.DriverName || reference?.Namespace != claim.Metadata.Namespace || reference?.Name != name
            || content.Status is not { ReadyToUse: true, SnapshotHandle: { } handle })
        {
            throw new StorageException($"snapshot {name} has no content of the driver {StorageObjects.DriverName}");
        }

        RequireRoom(claim, content.Status.RestoreSize ?? 0);
        return handle;
    }

    // A copy that does not fit would be full from the start.
    private static void RequireRoom(PersistentVolumeClaim claim, decimal bytes)
    {
        if (claim.Spec!.Resources!.Requests!["storage"].Value < bytes)
        {
            throw new StorageException("the claim asks for less than its source holds room for; ask for at least as much");
        }
    }
}
