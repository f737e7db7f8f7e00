using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Storage;

namespace Sealos.Node.Storage;

/// <summary>Makes a volume for each claim whose class names this driver, first on disk and then in the API.</summary>
internal sealed class ClaimProvisioner(StorageContext context, Informer<PersistentVolumeClaim> claims, Informer<PersistentVolume> volumes) : IReconciler
{
    private readonly KubeClient _client = context.Client;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (claims.Get(key.Namespace, key.Name) is not { } claim || !IsAsked(claim))
        {
            return ReconcileResult.Done;
        }

        var storageClass = await _client.FindAsync<StorageClass>(null, claim.Spec!.StorageClassName ?? "", ct).ConfigureAwait(false);
        if (storageClass?.Provisioner != StorageObjects.DriverName || !IsHere(claim, storageClass)
            || await _client.FindAsync<PersistentVolume>(null, StorageObjects.NameFor(claim), ct).ConfigureAwait(false) is not null)
        {
            return ReconcileResult.Done;
        }

        context.Events.Normal(claim, "Provisioning", $"External provisioner is provisioning volume for claim \"{key}\"");
        try
        {
            await EnsureVolumeAsync(claim, storageClass, ct).ConfigureAwait(false);
            context.Events.Normal(claim, "ProvisioningSucceeded", $"Successfully provisioned volume {StorageObjects.NameFor(claim)}");
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            context.Events.Warning(claim, "ProvisioningFailed", $"failed to provision volume with StorageClass \"{storageClass.Metadata.Name}\": {e.Message}");
            await GiveNodeBackAsync(claim, ct).ConfigureAwait(false);
            throw;
        }

        return ReconcileResult.Done;
    }

    /// <summary>Whether a claim waits for this driver.</summary>
    public static bool IsAsked(PersistentVolumeClaim claim) =>
        claim.Metadata.DeletionTimestamp is null && string.IsNullOrEmpty(claim.Spec?.VolumeName)
        && claim.Metadata.Annotations?.GetValueOrDefault(StorageObjects.Provisioner) == StorageObjects.DriverName;

    private bool IsHere(PersistentVolumeClaim claim, StorageClass storageClass) =>
        claim.Metadata.Annotations?.GetValueOrDefault(StorageObjects.SelectedNode) is { } node ? node == context.NodeName : storageClass.VolumeBindingMode != "WaitForFirstConsumer";

    private async Task EnsureVolumeAsync(PersistentVolumeClaim claim, StorageClass storageClass, CancellationToken ct)
    {
        var driver = context.Pool.Require();
        var handle = StorageObjects.NameFor(claim);
        ProvisioningRules.Check(claim, storageClass, context.Pool.Size, ProvisioningRules.Promised(volumes.List(), handle));
        context.Pool.RequireRoom();
        var source = await context.Sources.FindAsync(claim, ct).ConfigureAwait(false);
        context.Pool.Folder.BeginMaking(handle);
        try
        {
            await driver.CreateAsync(handle, claim.Spec!.Resources!.Requests!["storage"].LongValue, source, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            // The claim may be deleted before this is tried again.
            await driver.DeleteAsync(handle, ct).ConfigureAwait(false);
            context.Pool.Folder.EndMaking(handle);
            throw;
        }

        try
        {
            await _client.CreateAsync(StorageObjects.Volume(claim, storageClass, context.NodeName), ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Written before a crash, or before an answer that never came.
        }

        context.Pool.Folder.EndMaking(handle);
    }

    // The scheduler may find another node for the pod that waits.
    private async Task GiveNodeBackAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (claim.Metadata.Annotations?.ContainsKey(StorageObjects.SelectedNode) == true)
        {
            var changed = KubeJson.Clone(claim);
            changed.Metadata.Annotations!.Remove(StorageObjects.SelectedNode);
            await _client.UpdateAsync(changed, ct).ConfigureAwait(false);
        }
    }
}
