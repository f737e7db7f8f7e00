using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Subresources;

/// <summary>Asks a pod to leave. Disruption budgets are not served yet, so none can object.</summary>
internal sealed class Eviction(ObjectUpdater updater, ObjectDeleter deleter, TimeProvider time)
{
    private static readonly KindSchema EvictionKind = KubeSchema.Default.FindKind("policy/v1", "Eviction")!;

    public async Task HandleAsync(ApiRequest request)
    {
        var http = request.Http.Request;
        var write = WriteOptions.Parse(request.Query, "CreateOptions");

        // Steps 4 and 5: the body is read, decoded and completed.
        var bytes = await BodyReader.ReadAsync(http, request.Aborted).ConfigureAwait(false);
        var context = request.WriteContext(write.DryRun);
        var eviction = ObjectDecoder.Complete(BodyReader.Decode(bytes, BodyReader.MediaType(http), "Eviction"), EvictionKind, write.FieldValidation, context.Warnings);
        Verbs.Update.CheckName(eviction, request.Name);
        var options = DeleteOptions.Parse(request.Query, eviction.Child("deleteOptions"));
        var pods = request.Resource;
        var target = pods.Cache.Get(request.Namespace, request.Name) ?? throw pods.NotFound(request.Name);
        var dryRun = write.DryRun || options.DryRun;
        if (!dryRun && target.Fields[pods.Cache.Fields.IndexOf("status.phase")] is not ("Succeeded" or "Failed" or "Pending"))
        {
            target = await MarkAsync(request, context).ConfigureAwait(false);
        }

        await deleter.DeleteAsync(pods, target, options, new WriteContext(request.User) { DryRun = dryRun }, request.Aborted).ConfigureAwait(false);
        await Answer.SendAsync(request.Http, 201, StatusJson.Success(null, 201), request.Output.IsPretty).ConfigureAwait(false);
    }

    /// <summary>Leaves the reason in the pod's status, for the controllers that look for it.</summary>
    private async Task<Watch.CachedObject> MarkAsync(ApiRequest request, WriteContext context)
    {
        var update = new UpdateRequest(request.Resource, request.Namespace, request.Name, pod =>
        {
            PodConditions.Set(pod, "DisruptionTarget", "True", KubeTime.Format(time.GetUtcNow()), "EvictionByEvictionAPI", "Eviction API: evicting");
            return pod;
        })
        {
            IsInternal = true,
        };
        var result = await updater.UpdateAsync(update, new WriteContext(context.User) { Subresource = "eviction" }, request.Aborted).ConfigureAwait(false);
        return result.Object;
    }
}
