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

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (volumes.Get(null, key.Name) is not { } volume || !StorageObjects.IsOurs(volume) || !IsUnused(volume))
        {
            return ReconcileResult.Done;
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
        volume.Status?.Phase is "Released" or "Failed" ? volume.Spec?.PersistentVolumeReclaimPolicy == "Delete" || IsLeaving(volume)
            : volume.Status?.Phase != "Bound" && IsLeaving(volume);

    private static bool IsLeaving(PersistentVolume volume) => volume.Metadata.DeletionTimestamp is not null && volume.Metadata.Finalizers?.Contains(StorageObjects.Finalizer) == true;

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
