using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.Admission.Hosts;

/// <summary>Gives a host back that no Ingress of its workspace uses any more.</summary>
internal sealed class HostClaimReconciler(KubeClient client, Informer<HostClaim> claims, Informer<IngressHosts> ingresses, TimeProvider time) : IReconciler
{
    // Longer than a request may take that was allowed to use the host, and is about to be stored.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (claims.Get(null, key.Name) is not { Spec: { Namespace.Length: > 0 } spec } claim || ingresses.ByIndex(IngressHosts.ByHost, key.Name).Any(i => i.Metadata.Namespace == spec.Namespace))
        {
            return ReconcileResult.Done;
        }

        // In a workspace that is gone nothing can be about to be stored.
        var patience = await client.FindAsync<Namespace>(null, spec.Namespace, ct).ConfigureAwait(false) is null ? TimeSpan.Zero : Patience;
        var idle = time.GetUtcNow() - (spec.UsedAt ?? claim.Metadata.CreationTimestamp ?? time.GetUtcNow());
        if (idle < patience)
        {
            return ReconcileResult.After(patience - idle + TimeSpan.FromSeconds(1));
        }

        // Wanted again in this moment it is another version, and stays.
        var exactly = new DeleteOptions { Preconditions = new DeletePreconditions { Uid = claim.Metadata.Uid, ResourceVersion = claim.Metadata.ResourceVersion } };
        try
        {
            await client.DeleteAsync<HostClaim>(null, key.Name, exactly, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or wanted again; the watch tells.
        }

        return ReconcileResult.Done;
    }
}
