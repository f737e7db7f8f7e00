using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;

namespace Sealos.OsServices.Users.Requests;

/// <summary>Carries out each Operationrequest once, says how it ended, and forgets it after a while.</summary>
internal sealed class OperationrequestReconciler(KubeClient client, Informer<Operationrequest> requests, MembershipChange change, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(3);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (requests.Get(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null, Spec: { } spec } request)
        {
            return ReconcileResult.Done;
        }

        var age = time.GetUtcNow() - (request.Metadata.CreationTimestamp ?? time.GetUtcNow());
        if (request.Status?.Phase is RequestPhases.Completed or RequestPhases.Failed)
        {
            var left = Expiry + Retention - age;
            if (left > TimeSpan.Zero)
            {
                return ReconcileResult.After(left);
            }

            await client.DeleteExactlyAsync(request, null, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        if (age > Expiry)
        {
            await EndAsync(key, RequestPhases.Failed, "it was not carried out in time", ct).ConfigureAwait(false);
            return ReconcileResult.After(Retention);
        }

        try
        {
            await change.CarryOutAsync(spec, ct).ConfigureAwait(false);
            await EndAsync(key, RequestPhases.Completed, null, ct).ConfigureAwait(false);
        }
        catch (StepRefusedException e)
        {
            await EndAsync(key, RequestPhases.Failed, e.Message, ct).ConfigureAwait(false);
        }

        return ReconcileResult.After(Retention);
    }

    private Task<Operationrequest> EndAsync(ObjectKey key, string phase, string? message, CancellationToken ct) =>
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
