using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>Makes the claims of a StatefulSet's pods before the pods, and keeps their owners as the set's policy says.</summary>
internal sealed class ClaimWriter(ControllerContext context, EventRecorder events)
{
    /// <summary>Makes the claims of an ordinal that are missing.</summary>
    /// <exception cref="InvalidOperationException">One of them is still being deleted, or is about to be, so that its pod must wait.</exception>
    public async Task EnsureAsync(StatefulSet set, int ordinal, CancellationToken ct)
    {
        foreach (var wanted in StatefulClaims.Build(set, ordinal))
        {
            var known = context.Storage.AllClaims.Get(wanted.Metadata.Namespace, wanted.Metadata.Name!);
            if (known is { Metadata.DeletionTimestamp: not null })
            {
                throw new InvalidOperationException($"pvc {wanted.Metadata.Name} is being deleted");
            }

            // Whoever is gone takes the claim along, whenever that is noticed: what a new pod wrote to it would be lost.
            if (known is not null && StatefulClaims.FormerPodOf(known, StatefulPods.NameOf(set, ordinal)) is { } former)
            {
                throw new InvalidOperationException($"pvc {wanted.Metadata.Name} still belongs to pod {former.Name} of uid {former.Uid}, which is gone");
            }

            if (known is null)
            {
                await CreateAsync(set, wanted, StatefulPods.NameOf(set, ordinal), ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives the claims of the pods that are there the owners they should have, before any pod is removed.</summary>
    public async Task EnsureOwnersAsync(StatefulSet set, IEnumerable<Pod> pods, CancellationToken ct)
    {
        foreach (var pod in pods)
        {
            foreach (var template in StatefulClaims.Templates(set))
            {
                var name = StatefulClaims.NameOf(set, template, StatefulPods.OrdinalOf(set, pod) ?? 0);
                if (context.Storage.AllClaims.Get(set.Metadata.Namespace, name) is { } claim && StatefulClaims.OwnersFor(claim, set, pod) is { } owners)
                {
                    var changed = KubeJson.Clone(claim);
                    changed.Metadata.OwnerReferences = owners;
                    await context.Client.UpdateAsync(changed, ct).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task CreateAsync(StatefulSet set, PersistentVolumeClaim claim, string pod, CancellationToken ct)
    {
        try
        {
            await context.Client.CreateAsync(claim, ct).ConfigureAwait(false);
            events.Normal(set, "SuccessfulCreate", $"create Claim {claim.Metadata.Name} Pod {pod} in StatefulSet {set.Metadata.Name} success");
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // The cache was behind.
        }
        catch (ApiException e) when (!Refusals.IsNamespaceTerminating(e))
        {
            events.Warning(set, "FailedCreate", $"create Claim {claim.Metadata.Name} for Pod {pod} in StatefulSet {set.Metadata.Name} failed error: {e.Message}");
            throw;
        }
    }
}
