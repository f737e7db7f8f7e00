using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Writes that a volume and a claim belong together, in an order that can break off after each step and be taken up again.</summary>
internal sealed class VolumeBinder(KubeClient client)
{
    public const string Bound = "Bound";
    private const string Yes = "yes";

    /// <summary>Binds from whatever step was reached before: volume, its phase, claim, its phase.</summary>
    public async Task BindAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (Reserved(volume, claim) is { } reserved)
        {
            volume = await client.UpdateAsync(reserved, ct).ConfigureAwait(false);
        }

        volume = await SetPhaseAsync(volume, Bound, null, ct).ConfigureAwait(false);
        if (Named(claim, volume) is { } named)
        {
            claim = await client.UpdateAsync(named, ct).ConfigureAwait(false);
        }

        await SetPhaseAsync(claim, Bound, volume, ct).ConfigureAwait(false);
    }

    /// <summary>The volume with the claim as its owner, or null when it has it already.</summary>
    public static PersistentVolume? Reserved(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        var reference = volume.Spec?.ClaimRef;
        var isKept = VolumeMatch.IsBoundTo(volume, claim);
        if (isKept && reference!.Uid == claim.Metadata.Uid)
        {
            return null;
        }

        var changed = KubeJson.Clone(volume);
        changed.Spec!.ClaimRef = ObjectReferences.To(claim);

        // What a person kept for the claim stays theirs when the claim goes; what was chosen here may be given back.
        if (!isKept)
        {
            (changed.Metadata.Annotations ??= [])[StorageNames.BoundByController] = Yes;
        }

        return changed;
    }

    /// <summary>Writes a volume's phase where it differs.</summary>
    public async Task<PersistentVolume> SetPhaseAsync(PersistentVolume volume, string phase, string? message, CancellationToken ct)
    {
        if (volume.Status?.Phase == phase)
        {
            return volume;
        }

        var changed = KubeJson.Clone(volume);
        changed.Status ??= new PersistentVolumeStatus();
        changed.Status.Phase = phase;
        changed.Status.Message = message;
        return await client.UpdateStatusAsync(changed, ct).ConfigureAwait(false);
    }

    /// <summary>Writes a claim's phase and what its volume offers where they differ; the size of a bound claim is left to whoever resizes it.</summary>
    public async Task<PersistentVolumeClaim> SetPhaseAsync(PersistentVolumeClaim claim, string phase, PersistentVolume? volume, CancellationToken ct)
    {
        var changed = KubeJson.Clone(claim);
        var status = changed.Status ??= new PersistentVolumeClaimStatus();
        status.Phase = phase;
        status.AccessModes = volume?.Spec?.AccessModes;
        if (volume is null || claim.Status?.Phase != phase)
        {
            status.Capacity = volume?.Spec?.Capacity;
        }

        return JsonSame.As(status, claim.Status) ? claim : await client.UpdateStatusAsync(changed, ct).ConfigureAwait(false);
    }

    private static PersistentVolumeClaim? Named(PersistentVolumeClaim claim, PersistentVolume volume)
    {
        if (claim.Spec?.VolumeName == volume.Metadata.Name && StorageNames.Has(claim.Metadata.Annotations, StorageNames.BindCompleted))
        {
            return null;
        }

        var changed = KubeJson.Clone(claim);
        var annotations = changed.Metadata.Annotations ??= [];
        if (claim.Spec?.VolumeName != volume.Metadata.Name)
        {
            changed.Spec!.VolumeName = volume.Metadata.Name;
            annotations[StorageNames.BoundByController] = Yes;
        }

        annotations[StorageNames.BindCompleted] = Yes;
        return changed;
    }
}
