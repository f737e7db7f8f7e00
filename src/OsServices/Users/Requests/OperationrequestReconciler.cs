using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;

namespace Sealos.OsServices.Users.Requests;

/// <summary>
/// Carries out each Operationrequest once, says how it ended, and forgets it after a while. Works on a workspace at a time, its requests one
/// after the other: two changes of the same roles must not pass each other.
/// </summary>
internal sealed class OperationrequestReconciler(KubeClient client, Informer<Operationrequest> requests, MembershipChange change, TimeProvider time) : IReconciler
{
    /// <summary>Finds the requests about a workspace.</summary>
    public const string ByWorkspace = "workspace";

    private static readonly TimeSpan LongestWork = TimeSpan.FromHours(1);
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(3);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        TimeSpan? again = null;
        foreach (var request in requests.ByIndex(ByWorkspace, key.Name).OrderBy(r => r.Metadata.CreationTimestamp).ThenBy(r => r.Metadata.Name, StringComparer.Ordinal))
        {
            if (request is { Metadata.DeletionTimestamp: null, Spec: not null } && await WorkAsync(request, ct).ConfigureAwait(false) is { } left && !(left > again))
            {
                again = left;
            }
        }

        return again is { } soonest ? ReconcileResult.After(soonest) : ReconcileResult.Done;
    }

    // Answers when to look at it again.
    private async Task<TimeSpan?> WorkAsync(Operationrequest request, CancellationToken ct)
    {
        var key = ObjectKey.Of(request);
        var age = time.GetUtcNow() - (request.Metadata.CreationTimestamp ?? time.GetUtcNow());
        if (request.Status?.Phase is RequestPhases.Completed or RequestPhases.Failed)
        {
            var left = Expiry + Retention - age;
            if (left > TimeSpan.Zero)
            {
                return left;
            }

            await client.DeleteExactlyAsync(request, null, ct).ConfigureAwait(false);
            return null;
        }

        // What is followed may not show yet that it is done.
        if (await client.FindAsync<Operationrequest>(key.Namespace, key.Name, ct).ConfigureAwait(false) is not { Metadata.DeletionTimestamp: null } now || now.Metadata.Uid != request.Metadata.Uid)
        {
            return null;
        }

        return now.Status?.Phase is RequestPhases.Completed or RequestPhases.Failed ? Retention : await EndAsync(now, age, ct).ConfigureAwait(false);
    }

    private async Task<TimeSpan> EndAsync(Operationrequest request, TimeSpan age, CancellationToken ct)
    {
        // What has been begun is brought to its end: half of a change would be nobody's wish.
        var key = ObjectKey.Of(request);
        var isBegun = request.Status?.Phase == RequestPhases.Processing;
        if (age > (isBegun ? LongestWork : Expiry))
        {
            await MarkAsync(key, RequestPhases.Failed, "it was not carried out in time", ct).ConfigureAwait(false);
            return Retention;
        }

        try
        {
            if (!isBegun)
            {
                await BeginAsync(request, ct).ConfigureAwait(false);
            }

            await change.CarryOutAsync(request.Spec!, ct).ConfigureAwait(false);
            await MarkAsync(key, RequestPhases.Completed, null, ct).ConfigureAwait(false);
        }
        catch (StepRefusedException e)
        {
            await MarkAsync(key, RequestPhases.Failed, e.Message, ct).ConfigureAwait(false);
        }

        return Retention;
    }

    // Once begun, the change itself may take the right away that it was asked for with, so it is not judged again.
    private async Task BeginAsync(Operationrequest request, CancellationToken ct)
    {
        if (await Requesters.RefusalAsync(client, request, ct).ConfigureAwait(false) is { } why)
        {
            throw new StepRefusedException("NotAllowed", why);
        }

        await MarkAsync(ObjectKey.Of(request), RequestPhases.Processing, null, ct).ConfigureAwait(false);
    }

    private Task<Operationrequest> MarkAsync(ObjectKey key, string phase, string? message, CancellationToken ct) =>
        client.PatchAsync<Operationrequest>(key.Namespace, key.Name, RequestPhases.Patch(phase, message), "status", ct);
}

/// <summary>How far requests are.</summary>
internal static class RequestPhases
{
    public const string Processing = "Processing";
    public const string Completed = "Completed";
    public const string Failed = "Failed";

    public static JsonObject Patch(string phase, string? message) => new() { ["status"] = new JsonObject { ["phase"] = phase, ["message"] = message } };
}
