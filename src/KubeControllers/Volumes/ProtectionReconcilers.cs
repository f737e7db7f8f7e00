using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Lets a deleted claim go once no pod on a node uses it any more.</summary>
internal sealed class ClaimProtectionReconciler(ControllerContext context, VolumeLookup lookup) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var claim = lookup.AllClaims.Get(key.Namespace, key.Name);
        if (claim is null || !Finalizers.Holds(claim, StorageNames.ClaimProtection) || lookup.UsersOf(key.Namespace, key.Name).Any(p => IsUser(p, claim)))
        {
            return ReconcileResult.Done;
        }

        // A pod may be newer than the cache, and what it writes to must not be deleted under it.
        var pods = await context.Client.ListAsync<Pod>(key.Namespace, null, ct).ConfigureAwait(false);
        if (!pods.Items.Exists(p => IsUser(p, claim)))
        {
            await Finalizers.RemoveAsync(context.Client, claim, StorageNames.ClaimProtection, ct).ConfigureAwait(false);
        }

        return ReconcileResult.Done;
    }

    private static bool IsUser(Pod pod, PersistentVolumeClaim claim) =>
        PodState.NodeName(pod) is not null && (pod.Spec?.Volumes ?? []).Exists(v =>
            v.PersistentVolumeClaim?.ClaimName == claim.Metadata.Name
            || (v.Ephemeral is not null && VolumeLookup.ClaimOf(pod, v) == claim.Metadata.Name && Owners.IsControlledBy(claim, pod)
                && pod.Metadata is not { DeletionTimestamp: not null, DeletionGracePeriodSeconds: 0 }));
}

/// <summary>Lets a deleted volume go once no claim is bound to it.</summary>
internal sealed class VolumeProtectionReconciler(ControllerContext context, VolumeLookup lookup) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (lookup.Volumes.Get(null, key.Name) is { } volume && volume.Status?.Phase != VolumeBinder.Bound && Finalizers.Holds(volume, StorageNames.VolumeProtection))
        {
            await Finalizers.RemoveAsync(context.Client, volume, StorageNames.VolumeProtection, ct).ConfigureAwait(false);
        }

        return ReconcileResult.Done;
    }
}

/// <summary>Finalizers of objects that are being deleted.</summary>
internal static class Finalizers
{
    /// <summary>Whether an object is being deleted and this finalizer holds it.</summary>
    public static bool Holds(IKubeObject obj, string finalizer) => obj.Metadata.DeletionTimestamp is not null && obj.Metadata.Finalizers?.Contains(finalizer) == true;

    public static async Task RemoveAsync<T>(KubeClient client, T obj, string finalizer, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        var changed = KubeJson.Clone(obj);
        changed.Metadata.Finalizers!.Remove(finalizer);
        try
        {
            await client.UpdateAsync(changed, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }
}
