using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;

namespace Sealos.Node.Storage;

/// <summary>Removes what snapshots keep on disk once their content is deleted, unless it is to be retained.</summary>
internal sealed class ContentReconciler(StorageContext context, Informer<VolumeSnapshotContent> contents) : IReconciler
{
    public const string Finalizer = "snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection";

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (contents.Get(null, key.Name) is not { Metadata.DeletionTimestamp: not null, Spec.Driver: StorageObjects.DriverName } content
            || content.Metadata.Finalizers?.Contains(Finalizer) != true)
        {
            return ReconcileResult.Done;
        }

        var handle = content.Status?.SnapshotHandle ?? content.Spec.Source?.SnapshotHandle ?? StorageObjects.SnapshotPrefix + content.Spec.VolumeSnapshotRef?.Uid;
        if (content.Spec.DeletionPolicy == "Delete")
        {
            await context.Pool.Require().DeleteAsync(handle, ct).ConfigureAwait(false);
        }

        var changed = KubeJson.Clone(content);
        changed.Metadata.Finalizers!.Remove(Finalizer);
        await context.Client.UpdateAsync(changed, ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }
}
