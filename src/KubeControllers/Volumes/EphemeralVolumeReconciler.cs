using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Volumes;

/// <summary>Makes the claims of volumes that live as long as their pod; the garbage collector takes them away with it.</summary>
internal sealed class EphemeralVolumeReconciler(ControllerContext context, VolumeLookup lookup, EventRecorder events) : IReconciler
{
    private readonly Informer<Pod> _pods = context.Informer<Pod>();

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_pods.Get(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } pod)
        {
            return ReconcileResult.Done;
        }

        foreach (var volume in (pod.Spec?.Volumes ?? []).Where(v => v.Ephemeral is not null))
        {
            try
            {
                await EnsureClaimAsync(pod, volume, ct).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ApiException or InvalidOperationException && !Refusals.IsNamespaceTerminating(e))
            {
                events.Warning(pod, "FailedBinding", $"ephemeral volume {volume.Name}: {e.Message}");
                throw;
            }
        }

        return ReconcileResult.Done;
    }

    private async Task EnsureClaimAsync(Pod pod, Volume volume, CancellationToken ct)
    {
        var name = VolumeLookup.ClaimOf(pod, volume)!;
        if (lookup.AllClaims.Get(pod.Metadata.Namespace, name) is { } known)
        {
            ThrowIfNotOf(pod, known);
            return;
        }

        var template = volume.Ephemeral!.VolumeClaimTemplate;
        var claim = new PersistentVolumeClaim
        {
            Metadata = new ObjectMeta
            {
                Name = name,
                Namespace = pod.Metadata.Namespace,
                Labels = template?.Metadata?.Labels,
                Annotations = template?.Metadata?.Annotations,
                OwnerReferences = [Owners.ControllerReference(pod)],
            },
            Spec = template?.Spec is null ? null : KubeJson.Clone(template.Spec),
        };
        try
        {
            await context.Client.CreateAsync(claim, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // The cache was behind; who made it is looked at when the claim is seen.
        }
    }

    private static void ThrowIfNotOf(Pod pod, PersistentVolumeClaim claim)
    {
        if (!Owners.IsControlledBy(claim, pod))
        {
            throw new InvalidOperationException($"PVC {ObjectKey.Of(claim)} was not created for pod {ObjectKey.Of(pod)} (pod is not owner)");
        }
    }
}
