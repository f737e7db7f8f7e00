using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Says in which phase each volume is, and what becomes of those whose claim is gone.</summary>
internal sealed class VolumeReconciler(ControllerContext context, VolumeLookup lookup, EventRecorder events) : IReconciler
{
    private const string Available = "Available";
    private const string Released = "Released";
    private const string Failed = "Failed";
    private readonly KubeClient _client = context.Client;
    private readonly VolumeBinder _binder = new(context.Client);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (lookup.Volumes.Get(null, key.Name) is not { Spec: not null } volume)
        {
            return ReconcileResult.Done;
        }

        // A volume that is only kept for a claim, without its uid, still waits for it.
        if (string.IsNullOrEmpty(volume.Spec.ClaimRef?.Uid))
        {
            await _binder.SetPhaseAsync(volume, Available, null, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        if (await FindClaimAsync(volume, ct).ConfigureAwait(false) is { } claim)
        {
            await EnsureOwnedAsync(volume, claim, ct).ConfigureAwait(false);
        }
        else
        {
            await ReleaseAsync(volume, ct).ConfigureAwait(false);
        }

        return ReconcileResult.Done;
    }

    // The cache of claims may be behind in both directions; data is at stake, so the server is asked.
    private async Task<PersistentVolumeClaim?> FindClaimAsync(PersistentVolume volume, CancellationToken ct)
    {
        var reference = volume.Spec!.ClaimRef!;
        var cached = lookup.AllClaims.Get(reference.Namespace, reference.Name!);
        if (cached?.Metadata.Uid == reference.Uid || (cached is null && volume.Status?.Phase is Released or Failed))
        {
            return cached;
        }

        var live = await _client.FindAsync<PersistentVolumeClaim>(reference.Namespace, reference.Name!, ct).ConfigureAwait(false);
        return live?.Metadata.Uid == reference.Uid ? live : null;
    }

    private async Task EnsureOwnedAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (claim.Spec?.VolumeName == volume.Metadata.Name)
        {
            await _binder.SetPhaseAsync(volume, VolumeBinder.Bound, null, ct).ConfigureAwait(false);
        }
        else if (string.IsNullOrEmpty(claim.Spec?.VolumeName) && claim.Metadata.DeletionTimestamp is null)
        {
            // The claim's own turn finishes what was begun.
            await _binder.BindAsync(volume, claim, ct).ConfigureAwait(false);
        }
        else if (IsMadeForClaims(volume) && volume.Spec!.PersistentVolumeReclaimPolicy == "Delete")
        {
            // Made for a claim that took another one meanwhile.
            await ReleaseAsync(volume, ct).ConfigureAwait(false);
        }
        else
        {
            await GiveBackAsync(volume, ct).ConfigureAwait(false);
        }
    }

    private async Task GiveBackAsync(PersistentVolume volume, CancellationToken ct)
    {
        var changed = KubeJson.Clone(volume);
        if (StorageNames.Has(volume.Metadata.Annotations, StorageNames.BoundByController))
        {
            changed.Spec!.ClaimRef = null;
            changed.Metadata.Annotations!.Remove(StorageNames.BoundByController);
        }
        else
        {
            changed.Spec!.ClaimRef!.Uid = null;
        }

        changed = await _client.UpdateAsync(changed, ct).ConfigureAwait(false);
        await _binder.SetPhaseAsync(changed, Available, null, ct).ConfigureAwait(false);
    }

    private async Task ReleaseAsync(PersistentVolume volume, CancellationToken ct)
    {
        if (volume.Status?.Phase is not (Released or Failed))
        {
            volume = await _binder.SetPhaseAsync(volume, Released, null, ct).ConfigureAwait(false);
        }

        switch (volume.Spec!.PersistentVolumeReclaimPolicy ?? "Retain")
        {
            case "Retain":
                break;
            case "Delete" when volume.Spec.Csi is not null || IsMadeForClaims(volume):
                // Whoever made it sees that it is released, and deletes it.
                break;
            case "Delete":
                await FailAsync(volume, "VolumeFailedDelete", $"error getting deleter volume plugin for volume \"{volume.Metadata.Name}\": no deletable volume plugin matched", ct).ConfigureAwait(false);
                break;
            case "Recycle":
                await FailAsync(volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!", ct).ConfigureAwait(false);
                break;
            default:
                await FailAsync(volume, "VolumeUnknownReclaimPolicy", "Volume has unrecognized PersistentVolumeReclaimPolicy", ct).ConfigureAwait(false);
                break;
        }
    }

    private async Task FailAsync(PersistentVolume volume, string reason, string message, CancellationToken ct)
    {
        if (volume.Status?.Phase != Failed)
        {
            await _binder.SetPhaseAsync(volume, Failed, message, ct).ConfigureAwait(false);
            events.Warning(volume, reason, message);
        }
    }

    private static bool IsMadeForClaims(PersistentVolume volume) => StorageNames.Has(volume.Metadata.Annotations, StorageNames.ProvisionedBy);
}
