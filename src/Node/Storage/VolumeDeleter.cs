using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Volumes;

namespace Sealos.Node.Storage;

/// <summary>Removes volumes whose claim is gone, first from the disk and then from the API.</summary>
internal sealed class VolumeDeleter(StorageContext context, Informer<PersistentVolume> volumes) : IReconciler
{
    private static readonly TimeSpan WhileUsed = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileClaimed = TimeSpan.FromSeconds(30);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (volumes.Get(null, key.Name) is not { } cached || !StorageObjects.IsOurs(cached))
        {
            return ReconcileResult.Done;
        }

        EndMaking(cached);
        if (!IsUnused(cached))
        {
            return ReconcileResult.Done;
        }

        // Data is at stake: what was cached, or written by others as its phase, is not enough.
        if (await context.Client.FindAsync<PersistentVolume>(null, key.Name, ct).ConfigureAwait(false) is not { } volume
            || volume.Metadata.Uid != cached.Metadata.Uid || !StorageObjects.IsOurs(volume) || !IsUnused(volume))
        {
            return ReconcileResult.Done;
        }

        if (await HasClaimAsync(volume, ct).ConfigureAwait(false))
        {
            return ReconcileResult.After(WhileClaimed);
        }

        if (VolumeUses.FindUser(context.PodsRoot, volume.Spec!.Csi!.VolumeHandle ?? "") is not null)
        {
            // What still writes to it would write beside it, or to what comes after it.
            return ReconcileResult.After(WhileUsed);
        }

        if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete")
        {
            await RemoveAsync(volume, ct).ConfigureAwait(false);
        }

        await LetGoAsync(volume, ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>Whether a volume is to go: released to be deleted, or deleted by somebody while no claim has it.</summary>
    internal static bool IsUnused(PersistentVolume volume) =>
        volume.Status?.Phase is "Released" or "Failed" ? (volume.Spec?.PersistentVolumeReclaimPolicy == "Delete" && !string.IsNullOrEmpty(volume.Spec.ClaimRef?.Uid)) || IsLeaving(volume)
            : volume.Status?.Phase != "Bound" && IsLeaving(volume);

    private static bool IsLeaving(PersistentVolume volume) => volume.Metadata.DeletionTimestamp is not null && volume.Metadata.Finalizers?.Contains(StorageObjects.Finalizer) == true;

    // What has its object was made: the note that it was begun must not outlive that, or a volume that is retained is taken for half of one.
    private void EndMaking(PersistentVolume volume)
    {
        if (context.Pool.Driver is not null && volume.Spec!.Csi!.VolumeHandle is { } handle && VolumeFolder.IsHandle(handle))
        {
            context.Pool.Folder.EndMaking(handle);
        }
    }

    private async Task<bool> HasClaimAsync(PersistentVolume volume, CancellationToken ct) =>
        volume.Spec?.ClaimRef is { Namespace: { } ns, Name: { } name } reference
        && await context.Client.FindAsync<PersistentVolumeClaim>(ns, name, ct).ConfigureAwait(false) is { } claim
        && claim.Metadata.Uid == (string.IsNullOrEmpty(reference.Uid) ? claim.Metadata.Uid : reference.Uid)
        && (string.IsNullOrEmpty(claim.Spec?.VolumeName) || claim.Spec.VolumeName == volume.Metadata.Name);

    private async Task RemoveAsync(PersistentVolume volume, CancellationToken ct)
    {
        try
        {
            await context.Pool.Require().DeleteAsync(volume.Spec!.Csi!.VolumeHandle ?? "", ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            context.Events.Warning(volume, "VolumeFailedDelete", e.Message);
            throw;
        }
    }

    private async Task LetGoAsync(PersistentVolume volume, CancellationToken ct)
    {
        try
        {
            if (volume.Metadata.Finalizers?.Contains(StorageObjects.Finalizer) == true)
            {
                var changed = KubeJson.Clone(volume);
                changed.Metadata.Finalizers!.Remove(StorageObjects.Finalizer);
                await context.Client.UpdateAsync(changed, ct).ConfigureAwait(false);
            }

            if (volume.Metadata.DeletionTimestamp is null)
            {
                var options = new DeleteOptions { Preconditions = new DeletePreconditions { Uid = volume.Metadata.Uid } };
                await context.Client.DeleteAsync<PersistentVolume>(null, volume.Metadata.Name!, options, ct).ConfigureAwait(false);
            }
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }
}
