using System.Text.Json.Nodes;
using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Subresources;

/// <summary>Puts a pod on a node: the scheduler's one write.</summary>
internal sealed class Binding(ObjectUpdater updater, AdmissionChain admission, ResourceRegistry registry, TimeProvider time)
{
    private static readonly KindSchema BindingKind = KubeSchema.Default.FindKind("v1", "Binding")!;
    private static readonly PartKind AsPart = new(BindingKind, "binding");

    /// <summary>Binds the pod of that name, or of the body's when the request is to the collection of bindings.</summary>
    public async Task HandleAsync(ApiRequest request, string? name)
    {
        var options = WriteOptions.Parse(request.Query, "CreateOptions");
        var http = request.Http.Request;
        var context = request.WriteContext(options.DryRun);

        // Steps 4 and 5: the body is read, decoded and completed.
        var bytes = BodyReader.Read(http);
        var binding = ObjectDecoder.Complete(BodyReader.Decode(bytes, BodyReader.MediaType(http), "Binding"), BindingKind, options.FieldValidation, context.Warnings);
        var given = binding.Child("metadata").Text("name") ?? "";
        name ??= given;
        if (given.Length > 0 && given != name)
        {
            throw ApiException.BadRequest("name in URL does not match name in Binding object");
        }

        // Steps 6 and 8: admission changes and judges the binding.
        await admission.PostAsync(request, context, binding, (request.Info.Subresource is null ? null : AsPart, name)).ConfigureAwait(false);
        var node = Target(binding, name);
        var update = new UpdateRequest(registry.Get("", "pods"), request.Namespace, name, pod => Bind(pod, node, binding.Child("metadata"))) { IsInternal = true };
        var asStatus = new WriteContext(context.User) { DryRun = context.DryRun, Subresource = "binding", SkipsAdmission = true };
        await updater.UpdateAsync(update, asStatus, request.Aborted).ConfigureAwait(false);
        Answer.Warn(request.Http, context.Warnings);
        await Answer.SendAsync(request.Http, 201, StatusJson.Success(null, 201), request.Output.IsPretty).ConfigureAwait(false);
    }

    private static string Target(JsonObject binding, string name)
    {
        var target = binding.Child("target");
        if (target.Text("kind") is { Length: > 0 } kind and not "Node")
        {
            throw ApiException.Invalid("", "Binding", name, new FieldError(FieldErrorType.NotSupported, "target.kind", $"\"{kind}\"", "supported values: \"Node\", \"<empty>\""));
        }

        return target.Text("name") is { Length: > 0 } node
            ? node
            : throw ApiException.Invalid("", "Binding", name, new FieldError(FieldErrorType.Required, "target.name", null, ""));
    }

    private JsonObject Bind(JsonObject pod, string node, JsonObject? given)
    {
        var metadata = ObjectCreator.MetadataOf(pod);
        var name = metadata.Text("name")!;
        var spec = pod.Child("spec")!;
        if (metadata.Text("deletionTimestamp") is not null)
        {
            throw Refuse(name, $"pod {name} is being deleted, cannot be assigned to a host");
        }

        if (spec.Text("nodeName") is { Length: > 0 } assigned)
        {
            throw Refuse(name, $"pod {name} is already assigned to node \"{assigned}\"");
        }

        if (spec.Array("schedulingGates") is { Count: > 0 })
        {
            throw Refuse(name, $"pod {name} has non-empty .spec.schedulingGates");
        }

        if (given.Text("uid") is { Length: > 0 } uid && uid != metadata.Text("uid"))
        {
            throw Refuse(name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {metadata.Text("uid")}");
        }

        spec["nodeName"] = node;
        CopyMap(given.Child("annotations"), metadata, "annotations");
        PodConditions.Set(pod, "PodScheduled", "True", KubeTime.Format(time.GetUtcNow()));
        return pod;
    }

    private static void CopyMap(JsonObject? from, JsonObject metadata, string name)
    {
        if (from is null)
        {
            return;
        }

        if (metadata[name] is not JsonObject map)
        {
            map = [];
            metadata[name] = map;
        }

        foreach (var (key, value) in from)
        {
            map[key] = value?.DeepClone();
        }
    }

    private static ApiException Refuse(string name, string why) => ApiException.Conflict("", "pods/binding", name, why);
}
