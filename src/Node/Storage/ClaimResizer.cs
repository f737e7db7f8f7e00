using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Objects.Meta;

namespace Sealos.Node.Storage;

/// <summary>Gives volumes the room that their claims have come to ask for, while they are in use.</summary>
internal sealed class ClaimResizer(StorageContext context, Informer<PersistentVolumeClaim> claims, Informer<PersistentVolume> volumes) : IReconciler
{
    private const string Storage = "storage";
    private static readonly string[] Conditions = ["Resizing", "FileSystemResizePending"];

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (claims.Get(key.Namespace, key.Name) is not { } claim || !IsAsked(claim)
            || await context.Client.FindAsync<PersistentVolume>(null, claim.Spec!.VolumeName!, ct).ConfigureAwait(false) is not { } volume
            || !StorageObjects.IsOurs(volume) || volume.Spec?.ClaimRef?.Uid != claim.Metadata.Uid)
        {
            return ReconcileResult.Done;
        }

        var size = claim.Spec.Resources!.Requests![Storage];
        try
        {
            context.Events.Normal(claim, "Resizing", $"External resizer is resizing volume {volume.Metadata.Name}");
            ProvisioningRules.CheckSize(claim, context.Pool.Size, ProvisioningRules.Promised(volumes.List(), volume.Metadata.Name));
            await context.Pool.Require().ResizeAsync(volume.Spec!.Csi!.VolumeHandle ?? "", size.LongValue, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or IOException)
        {
            context.Events.Warning(claim, "VolumeResizeFailed", $"resize volume {volume.Metadata.Name} failed: {e.Message}");
            throw;
        }

        await TellAsync(claim, volume, size, ct).ConfigureAwait(false);
        context.Events.Normal(claim, "VolumeResizeSuccessful", "Resize volume succeeded");
        return ReconcileResult.Done;
    }

    /// <summary>Whether a bound claim asks for more than it has.</summary>
    public static bool IsAsked(PersistentVolumeClaim claim) =>
        claim.Status is { Phase: "Bound", Capacity: { } has } && claim.Spec?.Resources?.Requests?.GetValueOrDefault(Storage) is { } asked
        && asked.CompareTo(has.GetValueOrDefault(Storage)) > 0;

    private async Task TellAsync(PersistentVolumeClaim claim, PersistentVolume volume, Quantity size, CancellationToken ct)
    {
        if (volume.Spec!.Capacity!.GetValueOrDefault(Storage) != size)
        {
            var grown = KubeJson.Clone(volume);
            grown.Spec!.Capacity![Storage] = size;
            await context.Client.UpdateAsync(grown, ct).ConfigureAwait(false);
        }

        var changed = KubeJson.Clone(claim);
        changed.Status!.Capacity![Storage] = size;
        changed.Status.Conditions = changed.Status.Conditions?.Where(c => !Conditions.Contains(c.Type)).ToList();
        await context.Client.UpdateStatusAsync(changed, ct).ConfigureAwait(false);
    }
}
