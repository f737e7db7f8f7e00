using System.Globalization;
using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Subresources;

/// <summary>Asks a pod to leave; the budget that guards it may object.</summary>
internal sealed class Eviction(ObjectUpdater updater, ObjectDeleter deleter, AdmissionChain admission, DisruptionBudgets budgets, TimeProvider time)
{
    private const int Attempts = 20;
    private static readonly KindSchema EvictionKind = KubeSchema.Default.FindKind("policy/v1", "Eviction")!;
    private static readonly PartKind AsPart = new(EvictionKind, "eviction");

    public async Task HandleAsync(ApiRequest request)
    {
        var http = request.Http.Request;
        var write = WriteOptions.Parse(request.Query, "CreateOptions");

        // Steps 4 and 5: the body is read, decoded and completed.
        var bytes = BodyReader.Read(http);
        var context = request.WriteContext(write.DryRun);
        var eviction = ObjectDecoder.Complete(BodyReader.Decode(bytes, BodyReader.MediaType(http), "Eviction"), EvictionKind, write.FieldValidation, context.Warnings);
        Verbs.Update.CheckName(eviction, request.Name);

        // Steps 6 and 8: admission changes and judges the eviction, and is not asked about the deletion that follows.
        await admission.PostAsync(request, context, eviction, (AsPart, request.Name)).ConfigureAwait(false);
        var options = DeleteOptions.Parse(request.Query, eviction.Child("deleteOptions"));
        await EvictAsync(request, options with { DryRun = write.DryRun || options.DryRun }).ConfigureAwait(false);
        Answer.Warn(request.Http, context.Warnings);
        await Answer.SendAsync(request.Http, 201, StatusJson.Success(null, 201), request.Output.IsPretty).ConfigureAwait(false);
    }

    private async Task EvictAsync(ApiRequest request, DeleteOptions options)
    {
        if (await DeleteUnguardedAsync(request, options).ConfigureAwait(false) is not { } pod)
        {
            return;
        }

        var budget = budgets.Find(pod);
        var isSpare = false;
        if (budget is not null && !(isSpare = DisruptionBudgets.Spares(budget, pod.Parse())))
        {
            await budgets.TakeAsync(budget, pod.Name, options.DryRun, request.Aborted).ConfigureAwait(false);
        }

        try
        {
            // What counted as not ready must still be so when it goes, or the budget would have had a say.
            await DeleteAsync(request, isSpare ? At(options, pod) : options).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code == 409 && isSpare && string.IsNullOrEmpty(options.ResourceVersion))
        {
            throw DisruptionBudgets.StillProcessed(budget!.Name);
        }
    }

    /// <summary>Deletes a pod that serves nobody, whatever budgets say; answers the pod when it does serve.</summary>
    private async Task<CachedObject?> DeleteUnguardedAsync(ApiRequest request, DeleteOptions options)
    {
        for (var attempt = 1; ; attempt++)
        {
            var pod = request.Resource.Cache.Get(request.Namespace, request.Name) ?? throw request.Resource.NotFound(request.Name);
            var phase = pod.Fields[request.Resource.Cache.Fields.IndexOf("status.phase")];
            var isGoing = phase is "Succeeded" or "Failed" || pod.Parse().Child("metadata").Text("deletionTimestamp") is not null;
            if (phase != "Pending" && !isGoing)
            {
                return pod;
            }

            try
            {
                await DeleteAsync(request, isGoing ? options : At(options, pod)).ConfigureAwait(false);
                return null;
            }
            catch (ApiException e) when (e.Code == 409 && string.IsNullOrEmpty(options.ResourceVersion) && attempt < Attempts)
            {
                // It changed meanwhile, and may have begun to serve.
            }
        }
    }

    private static DeleteOptions At(DeleteOptions options, CachedObject pod) =>
        string.IsNullOrEmpty(options.ResourceVersion) ? options with { ResourceVersion = pod.Revision.ToString(CultureInfo.InvariantCulture) } : options;

    private async Task DeleteAsync(ApiRequest request, DeleteOptions options)
    {
        var pods = request.Resource;
        var target = options.DryRun
            ? pods.Cache.Get(request.Namespace, request.Name) ?? throw pods.NotFound(request.Name)
            : await MarkAsync(request, options).ConfigureAwait(false);
        if (!options.DryRun && !string.IsNullOrEmpty(options.ResourceVersion))
        {
            // The mark is ours.
            options = At(options with { ResourceVersion = null }, target);
        }

        await deleter.DeleteAsync(pods, target, options, new WriteContext(request.User) { DryRun = options.DryRun, SkipsAdmission = true }, request.Aborted).ConfigureAwait(false);
    }

    /// <summary>Leaves the reason in the pod's status, for the controllers that look for it.</summary>
    private async Task<CachedObject> MarkAsync(ApiRequest request, DeleteOptions options)
    {
        ObjectDeleter.CheckPreconditions(request.Resource, request.Resource.Cache.Get(request.Namespace, request.Name) ?? throw request.Resource.NotFound(request.Name), options);
        var update = new UpdateRequest(request.Resource, request.Namespace, request.Name, pod =>
        {
            if (options.ResourceVersion is { Length: > 0 } revision)
            {
                ObjectCreator.MetadataOf(pod)["resourceVersion"] = revision;
            }

            PodConditions.Set(pod, "DisruptionTarget", "True", KubeTime.Format(time.GetUtcNow()), "EvictionByEvictionAPI", "Eviction API: evicting");
            return pod;
        })
        {
            IsInternal = true,
        };
        var result = await updater.UpdateAsync(update, new WriteContext(request.User) { Subresource = "eviction", SkipsAdmission = true }, request.Aborted).ConfigureAwait(false);
        return result.Object;
    }
}
