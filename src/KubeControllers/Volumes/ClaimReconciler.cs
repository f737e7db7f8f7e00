using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Finds a volume for each claim, has one made where its class says how, and says when a claim has lost its own.</summary>
internal sealed class ClaimReconciler(ControllerContext context, VolumeLookup lookup, EventRecorder events) : IReconciler
{
    private const string Pending = "Pending";
    private readonly KubeClient _client = context.Client;
    private readonly VolumeBinder _binder = new(context.Client);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (lookup.AllClaims.Get(key.Namespace, key.Name) is not { Spec: not null } claim)
        {
            return ReconcileResult.Done;
        }

        if (StorageNames.Has(claim.Metadata.Annotations, StorageNames.BindCompleted))
        {
            await EnsureStillBoundAsync(claim, ct).ConfigureAwait(false);
        }
        else if (claim.Metadata.DeletionTimestamp is null)
        {
            await EnsureBoundAsync(claim, ct).ConfigureAwait(false);
        }

        return ReconcileResult.Done;
    }

    private Task EnsureBoundAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (claim.Spec!.VolumeName is { Length: > 0 } wanted)
        {
            return EnsureBoundToAsync(claim, wanted, ct);
        }

        return VolumeMatch.FindBest(claim, lookup.CandidatesFor(claim), lookup.IsDelayed(claim)) is { } volume
            ? _binder.BindAsync(volume, claim, ct)
            : WaitForVolumeAsync(claim, ct);
    }

    private async Task WaitForVolumeAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (!StorageNames.SaysClass(claim) && lookup.FindDefault() is { } byDefault)
        {
            var changed = KubeJson.Clone(claim);
            changed.Spec!.StorageClassName = byDefault.Metadata.Name;
            await _client.UpdateAsync(changed, ct).ConfigureAwait(false);
            return;
        }

        if (lookup.IsDelayed(claim) && !StorageNames.Has(claim.Metadata.Annotations, StorageNames.SelectedNode))
        {
            TellWhomItWaitsFor(claim);
        }
        else if (StorageNames.ClassOf(claim) is { Length: > 0 } className)
        {
            await ProvisionAsync(claim, className, ct).ConfigureAwait(false);
            return;
        }
        else
        {
            events.Normal(claim, "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        }

        await _binder.SetPhaseAsync(claim, Pending, null, ct).ConfigureAwait(false);
    }

    private void TellWhomItWaitsFor(PersistentVolumeClaim claim)
    {
        var pods = lookup.UsersOf(claim.Metadata.Namespace, claim.Metadata.Name)
            .Where(p => !PodState.IsTerminal(p) && PodState.NodeName(p) is null).Select(p => p.Metadata.Name!).Order(StringComparer.Ordinal).ToList();
        if (pods.Count == 0)
        {
            events.Normal(claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
            return;
        }

        events.Normal(claim, "WaitForPodScheduled", $"waiting for {(pods.Count == 1 ? "pod" : "pods")} {string.Join(',', pods)} to be scheduled");
    }

    // Whoever the class names as provisioner sees the annotation and makes the volume.
    private async Task ProvisionAsync(PersistentVolumeClaim claim, string className, CancellationToken ct)
    {
        if (lookup.Classes.Get(null, className) is not { } storageClass)
        {
            events.Warning(claim, "ProvisioningFailed", $"storageclass.storage.k8s.io \"{className}\" not found");
            return;
        }

        var provisioner = storageClass.Provisioner ?? "";
        if (provisioner.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            events.Warning(claim, "ProvisioningFailed", $"no volume plugin matched name: {provisioner}");
            return;
        }

        if (claim.Metadata.Annotations?.GetValueOrDefault(StorageNames.Provisioner) != provisioner)
        {
            var changed = KubeJson.Clone(claim);
            var annotations = changed.Metadata.Annotations ??= [];
            annotations[StorageNames.Provisioner] = provisioner;
            annotations[StorageNames.OldProvisioner] = provisioner;
            claim = await _client.UpdateAsync(changed, ct).ConfigureAwait(false);
        }

        events.Normal(
            claim,
            "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
    }

    private async Task EnsureBoundToAsync(PersistentVolumeClaim claim, string wanted, CancellationToken ct)
    {
        var volume = lookup.Volumes.Get(null, wanted);
        if (volume is not null && VolumeMatch.IsBoundTo(volume, claim))
        {
            await _binder.BindAsync(volume, claim, ct).ConfigureAwait(false);
            return;
        }

        if (volume is { Spec.ClaimRef: null })
        {
            if (VolumeMatch.Mismatch(volume, claim) is not { } mismatch)
            {
                await _binder.BindAsync(volume, claim, ct).ConfigureAwait(false);
                return;
            }

            events.Warning(claim, "VolumeMismatch", $"Cannot bind to requested volume \"{wanted}\": {mismatch}");
        }
        else if (volume is not null)
        {
            events.Warning(claim, "FailedBinding", $"volume \"{wanted}\" already bound to a different claim.");
        }

        await _binder.SetPhaseAsync(claim, Pending, null, ct).ConfigureAwait(false);
    }

    private async Task EnsureStillBoundAsync(PersistentVolumeClaim claim, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(claim.Spec!.VolumeName))
        {
            await LoseAsync(claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!", ct).ConfigureAwait(false);
            return;
        }

        // Volumes are cached apart from claims, and may be behind: only the server's word makes a claim lose its volume.
        var volume = lookup.Volumes.Get(null, claim.Spec.VolumeName);
        if (volume?.Spec?.ClaimRef?.Uid != claim.Metadata.Uid)
        {
            volume = await _client.FindAsync<PersistentVolume>(null, claim.Spec.VolumeName, ct).ConfigureAwait(false);
        }

        if (volume is null)
        {
            await LoseAsync(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!", ct).ConfigureAwait(false);
        }
        else if (volume.Spec?.ClaimRef is null || volume.Spec.ClaimRef.Uid == claim.Metadata.Uid)
        {
            await _binder.BindAsync(volume, claim, ct).ConfigureAwait(false);
        }
        else
        {
            await LoseAsync(claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly", ct).ConfigureAwait(false);
        }
    }

    private async Task LoseAsync(PersistentVolumeClaim claim, string reason, string message, CancellationToken ct)
    {
        if (claim.Status?.Phase != "Lost")
        {
            await _binder.SetPhaseAsync(claim, "Lost", null, ct).ConfigureAwait(false);
            events.Warning(claim, reason, message);
        }
    }
}
