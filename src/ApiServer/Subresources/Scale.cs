using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Verbs;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Subresources;

/// <summary>A workload's number of replicas as an autoscaling/v1 Scale.</summary>
internal sealed class Scale(ObjectUpdater updater)
{
    private static readonly KindSchema ScaleKind = KubeSchema.Default.FindKind("autoscaling/v1", "Scale")!;
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
        var bytes = await BodyReader.ReadAsync(http, request.Aborted).ConfigureAwait(false);
        var context = request.WriteContext(options.DryRun);
        var scale = ObjectDecoder.Complete(BodyReader.Decode(bytes, BodyReader.MediaType(http), "Scale"), ScaleKind, options.FieldValidation, context.Warnings);
        Update.CheckName(scale, request.Name);
        await ApplyAsync(request, context, _ => scale).ConfigureAwait(false);
    }

    private async Task PatchAsync(ApiRequest request)
    {
        var options = Patch.ParseOptions(request);
        var patch = await Patch.ReadAsync(request).ConfigureAwait(false);
        var context = request.WriteContext(options.DryRun);
        await ApplyAsync(request, context, current =>
        {
            context.Warnings.Clear();
            return ObjectDecoder.Complete(new DecodedBody(patch(current, ScaleType), []), ScaleKind, options.FieldValidation, context.Warnings);
        }).ConfigureAwait(false);
    }

    private async Task ApplyAsync(ApiRequest request, WriteContext context, Func<JsonObject, JsonObject> change)
    {
        var update = new UpdateRequest(request.Resource, request.Namespace, request.Name, obj =>
        {
            var form = ScaleForm.Of(request.Resource);
            var scale = change(form.Show(obj, ScaleForm.Unset));
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
        });

        // A scale changes the main resource's spec, so the kind's rules for that are the ones that hold.
        var asMain = new WriteContext(context.User) { DryRun = context.DryRun };
        var result = await updater.UpdateAsync(update, asMain, request.Aborted).ConfigureAwait(false);
        Answer.Warn(request.Http, context.Warnings);
        await SendAsync(request, result.Object.Parse()).ConfigureAwait(false);
    }

    private static Task SendAsync(ApiRequest request, JsonObject obj) =>
        Answer.SendAsync(request.Http, 200, JsonText.Write(ScaleForm.Of(request.Resource).Show(obj)), request.Output.IsPretty);
}
