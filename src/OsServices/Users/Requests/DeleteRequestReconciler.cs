using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;

namespace Sealos.OsServices.Users.Requests;

/// <summary>Ends users marked as deleted, and teams, where a DeleteRequest asks for it.</summary>
internal sealed class DeleteRequestReconciler(KubeClient client, Informer<DeleteRequest> requests, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan WhileGoing = TimeSpan.FromMilliseconds(500);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (requests.Get(null, key.Name) is not { Metadata.DeletionTimestamp: null, Spec: { } spec } request)
        {
            return ReconcileResult.Done;
        }

        var age = time.GetUtcNow() - (request.Metadata.CreationTimestamp ?? time.GetUtcNow());
        if (request.Status?.Phase is RequestPhases.Completed or RequestPhases.Failed)
        {
            if (Expiry + Retention - age is var left && left > TimeSpan.Zero)
            {
                return ReconcileResult.After(left);
            }

            await client.DeleteExactlyAsync(request, null, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        var user = await client.FindAsync<User>(null, spec.User, ct).ConfigureAwait(false);
        var isBegun = request.Status?.Phase == RequestPhases.Processing;
        if (user is null)
        {
            return await EndAsync(key, isBegun ? RequestPhases.Completed : RequestPhases.Failed, isBegun ? null : $"there is no user {spec.User}", ct).ConfigureAwait(false);
        }

        if (Refusal(user) is { } why)
        {
            return await EndAsync(key, RequestPhases.Failed, why, ct).ConfigureAwait(false);
        }

        if (age > Expiry)
        {
            return await EndAsync(key, RequestPhases.Failed, "it was not carried out in time", ct).ConfigureAwait(false);
        }

        if (!isBegun)
        {
            if (await Requesters.RefusalAsync(client, request, ct).ConfigureAwait(false) is { } refusal)
            {
                return await EndAsync(key, RequestPhases.Failed, refusal, ct).ConfigureAwait(false);
            }

            await client.PatchAsync<DeleteRequest>(null, key.Name, RequestPhases.Patch(RequestPhases.Processing, null), "status", ct).ConfigureAwait(false);
        }

        if (user.Metadata.DeletionTimestamp is null)
        {
            await client.DeleteExactlyAsync(user, null, ct).ConfigureAwait(false);
        }

        return ReconcileResult.After(WhileGoing);
    }

    private static string? Refusal(User user) =>
        user.Metadata.Name == UserDirectory.AdminName ? "the operator's user is not deleted by request"
        : user.IsTeam() || user.Metadata.Labels?.GetValueOrDefault(UserKeys.Status) == UserKeys.StatusDeleted ? null
        : $"user {user.Metadata.Name} is neither a team nor marked as deleted";

    private async Task<ReconcileResult> EndAsync(ObjectKey key, string phase, string? message, CancellationToken ct)
    {
        await client.PatchAsync<DeleteRequest>(null, key.Name, RequestPhases.Patch(phase, message), "status", ct).ConfigureAwait(false);
        return ReconcileResult.After(Retention);
    }
}
