using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Verbs;
using Sealos.Objects.Ownership;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Subresources;

/// <summary>A workload's number of replicas as an autoscaling/v1 Scale.</summary>
internal sealed class Scale(ObjectUpdater updater, FieldOwnership ownership)
{
    private static readonly KindSchema ScaleKind = KubeSchema.Default.FindKind("autoscaling/v1", "Scale")!;
    private static readonly PartKind AsScale = new(ScaleKind, "scale");
    private static readonly TypeSchema ScaleType = KubeSchema.Default.GetType(ScaleKind);

    public Task HandleAsync(ApiRequest request) => request.Info.Verb switch
    {
        "get" => SendAsync(request, Read(request)),
        "update" => ReplaceAsync(request),
        _ => PatchAsync(request),
    };

    private static JsonObject Read(ApiRequest request)
    {
        var found = request.Resource.Cache.Get(request.Namespace, request.Name) ?? throw request.Resource.NotFound(request.Name);
        return (request.Resource.Conversion?.ToView(found) ?? found).Parse();
    }

    private async Task ReplaceAsync(ApiRequest request)
    {
        var options = WriteOptions.Parse(request.Query, "UpdateOptions");
        var http = request.Http.Request;

        // Steps 4 and 5: the body is read, decoded and completed.
        var bytes = BodyReader.Read(http);
        var context = request.WriteContext(options.DryRun);
        var scale = ObjectDecoder.Complete(BodyReader.Decode(bytes, BodyReader.MediaType(http), "Scale"), ScaleKind, options.FieldValidation, context.Warnings);
        Update.CheckName(scale, request.Name);
        await ApplyAsync(request, context, _ => scale).ConfigureAwait(false);
    }

    private async Task PatchAsync(ApiRequest request)
    {
        if (Patch.IsApply(request))
        {
            await ApplyPatchAsync(request).ConfigureAwait(false);
            return;
        }

        var options = Patch.ParseOptions(request);
        var patch = Patch.Read(request);
        var context = request.WriteContext(options.DryRun);
        await ApplyAsync(request, context, current =>
        {
            context.Warnings.Clear();
            return ObjectDecoder.Complete(new DecodedBody(patch.Apply(current, ScaleType), []), ScaleKind, options.FieldValidation, context.Warnings);
        }).ConfigureAwait(false);
    }

    /// <summary>Server-side apply of a scale: only the owners of the number of replicas can be in its way.</summary>
    private async Task ApplyPatchAsync(ApiRequest request)
    {
        var options = Apply.ParseOptions(request);
        var context = request.WriteContext(options.DryRun);
        var wanted = Apply.Read(request, options.FieldValidation, context.Warnings);
        Apply.CheckKind(wanted, ScaleKind.GroupVersion, ScaleKind.Kind);
        var resource = request.Resource;
        var asMain = AsMain(context);
        var update = new UpdateRequest(resource, request.Namespace, request.Name, live => live)
        {
            Part = PartOf(request),
            Apply = (live, current) =>
            {
                var form = ScaleForm.Of(resource);
                var scale = form.Show(live, ScaleForm.Unset);
                var at = ScaleOwnership.At(form.SpecPath);
                var parent = ManagedFields.Read(current!.ManagedFields) ?? [];
                var who = ownership.For(resource, context) with { ApiVersion = ScaleKind.GroupVersion, Type = FieldTypes.For(ScaleType), Blank = FieldTypes.BlankOf(ScaleType), InVersion = (_, changes) => changes };
                var outcome = Apply.Guard(wanted, () => Applier.Apply(scale, at.OfScale(parent), wanted, request.Flag("force"), who));
                asMain.Applied = new OwnedFields(ManagedFields.Write(at.OfParent(parent, outcome.Entries, resource.GroupVersion)), IsNews: true);
                return SetReplicas(request, (JsonObject)live.DeepClone(), ObjectDecoder.Complete(new DecodedBody(outcome.Object, []), ScaleKind, FieldValidation.Ignore, context.Warnings));
            },
        };
        var result = await updater.UpdateAsync(update, asMain, request.Aborted).ConfigureAwait(false);
        Answer.Warn(request.Http, context.Warnings);
        await SendAsync(request, result.Object.Parse()).ConfigureAwait(false);
    }

    /// <summary>A scale changes the main resource's spec, so the kind's rules for that are the ones that hold.</summary>
    private static WriteContext AsMain(WriteContext context) =>
        new(context.User) { DryRun = context.DryRun, Manager = context.Manager, OwnedThrough = "scale" };

    private async Task ApplyAsync(ApiRequest request, WriteContext context, Func<JsonObject, JsonObject> change)
    {
        var update = new UpdateRequest(request.Resource, request.Namespace, request.Name, obj => SetReplicas(request, obj, change(ScaleForm.Of(request.Resource).Show(obj, ScaleForm.Unset)))) { Part = PartOf(request) };
        var result = await updater.UpdateAsync(update, AsMain(context), request.Aborted).ConfigureAwait(false);
        Answer.Warn(request.Http, context.Warnings);
        await SendAsync(request, result.Object.Parse()).ConfigureAwait(false);
    }

    private static PartForm PartOf(ApiRequest request)
    {
        var form = ScaleForm.Of(request.Resource);
        return new PartForm(AsScale, obj => form.Show(obj, missing: 0), (obj, scale) => SetReplicas(request, obj, scale));
    }

    private static JsonObject SetReplicas(ApiRequest request, JsonObject obj, JsonObject scale)
    {
        var form = ScaleForm.Of(request.Resource);
        var replicas = scale.Child("spec").Number("replicas") ?? 0;
        if (replicas == ScaleForm.Unset)
        {
            throw ApiException.BadRequest($"the spec replicas field \"{form.SpecPath}\" cannot be empty");
        }

        if (replicas < 0)
        {
            throw ApiException.Invalid("autoscaling", "Scale", request.Name, new FieldError(FieldErrorType.Invalid, "spec.replicas", replicas.ToString(CultureInfo.InvariantCulture), "must be greater than or equal to 0"));
        }

        form.SetReplicas(obj, replicas);
        var given = scale.Child("metadata");
        if (given.Text("resourceVersion") is { Length: > 0 } revision)
        {
            ObjectCreator.MetadataOf(obj)["resourceVersion"] = revision;
        }

        if (given.Text("uid") is { Length: > 0 } uid)
        {
            ObjectCreator.MetadataOf(obj)["uid"] = uid;
        }

        return obj;
    }

    private static Task SendAsync(ApiRequest request, JsonObject obj) =>
        Answer.SendAsync(request.Http, 200, JsonText.Write(ScaleForm.Of(request.Resource).Show(obj)), request.Output.IsPretty);
}
