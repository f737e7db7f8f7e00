using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.SignIn;

/// <summary>Takes sessions away when their time is over; the work is one deletion for each that ends.</summary>
internal sealed class SessionReconciler(KubeClient client, Informer<Secret> sessions, TimeProvider time) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (sessions.Get(key.Namespace, key.Name) is not { } session)
        {
            return ReconcileResult.Done;
        }

        var left = SessionObjects.ExpiresAt(session) - time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            return ReconcileResult.After(left);
        }

        await client.DeleteExactlyAsync(session, null, ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }
}
