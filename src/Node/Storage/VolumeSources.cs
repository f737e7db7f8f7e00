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
            _ => throw new StorageException($"dataSource of kind {source.Kind} is not supported; use PersistentVolumeClaim"),
        };
    }

    private async Task<string> FindClaimAsync(PersistentVolumeClaim claim, string name, CancellationToken ct)
    {
        var origin = await client.FindAsync<PersistentVolumeClaim>(claim.Metadata.Namespace, name, ct).ConfigureAwait(false)
            ?? throw new StorageException($"error getting PVC {name} from api server: persistentvolumeclaims \"{name}\" not found");
        if (origin.Status?.Phase != "Bound" || await client.FindAsync<PersistentVolume>(null, origin.Spec?.VolumeName ?? "", ct).ConfigureAwait(false) is not { } volume
            || volume.Spec?.ClaimRef?.Uid != origin.Metadata.Uid)
        {
            throw new StorageException($"claim {name} is not bound, so it cannot be cloned");
        }

        if (!StorageObjects.IsOurs(volume))
        {
            throw new StorageException($"the volume of claim {name} is not of the driver {StorageObjects.DriverName}, so it cannot be cloned");
        }

        RequireRoom(claim, volume.Spec!.Capacity?.GetValueOrDefault("storage").Value ?? 0);
        return volume.Spec.Csi!.VolumeHandle!;
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
