using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Patches;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Verbs;

/// <summary>PATCH of one object or of its status: JSON patch, merge patch or strategic merge patch.</summary>
internal sealed class Patch(ObjectUpdater updater)
{
    public const string JsonPatchType = "application/json-patch+json";
    public const string MergePatchType = "application/merge-patch+json";
    public const string StrategicPatchType = "application/strategic-merge-patch+json";
    private const string ApplyPatchType = "application/apply-patch+yaml";
    private const string Accepted = $"{JsonPatchType}, {MergePatchType}, {StrategicPatchType}";

    public async Task HandleAsync(ApiRequest request)
    {
        var options = ParseOptions(request);
        var context = request.WriteContext(options.DryRun);

        // Step 4: the patch is read.
        var patch = await ReadAsync(request).ConfigureAwait(false);
        var resource = request.Resource;
        var update = new UpdateRequest(resource, request.Namespace, request.Name, current =>
        {
            // Step 5: the patch is applied; unknown fields go, types are checked, defaults are filled in.
            context.Warnings.Clear();
            var patched = patch(current, resource.Type);
            return Complete(patched, resource, options.FieldValidation, context.Warnings);
        });
        var result = await updater.UpdateAsync(update, context, request.Aborted).ConfigureAwait(false);

        // Step 10: the answer.
        Answer.Warn(request.Http, context.Warnings);
        await ObjectAnswer.SendAsync(request, 200, result.Object).ConfigureAwait(false);
    }

    /// <summary>The options of a patch; those of server-side apply are refused.</summary>
    public static WriteOptions ParseOptions(ApiRequest request)
    {
        if (BodyReader.MediaType(request.Http.Request) == ApplyPatchType)
        {
            throw new ApiException(415, "UnsupportedMediaType", $"server-side apply ({ApplyPatchType}) is not built yet; accepted media types include: {Accepted}");
        }

        if (request.Parameter("force").Length > 0)
        {
            throw ApiException.InvalidOption("PatchOptions", FieldErrorType.Forbidden, "force", "may not be specified for non-apply patch");
        }

        return WriteOptions.Parse(request.Query, "PatchOptions");
    }

    /// <summary>Reads the body into a function that patches an object of a type.</summary>
    public static async Task<Func<JsonObject, TypeSchema, JsonObject>> ReadAsync(ApiRequest request)
    {
        var mediaType = BodyReader.MediaType(request.Http.Request);
        if (mediaType == StrategicPatchType && request.Resource.Custom is not null && request.Info.Subresource != "scale")
        {
            throw ApiException.UnsupportedMediaType($"{JsonPatchType}, {MergePatchType}, {ApplyPatchType}");
        }

        if (mediaType is not (JsonPatchType or MergePatchType or StrategicPatchType))
        {
            throw ApiException.UnsupportedMediaType(Accepted);
        }

        var body = await BodyReader.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var patch = Parse(body);
        return mediaType switch
        {
            JsonPatchType => ByOperations(patch),
            MergePatchType => ByMerge(patch, (obj, changes, _) => MergePatch.Apply(obj, changes)),
            _ => ByMerge(patch, (obj, changes, type) => StrategicMergePatch.Apply(obj, changes, type, KubeSchema.Default)),
        };
    }

    /// <summary>Runs a patch, turning its refusals into answers.</summary>
    private static T Guard<T>(Func<T> apply)
    {
        try
        {
            return apply();
        }
        catch (PatchException e) when (e.IsMalformed)
        {
            throw ApiException.BadRequest(e.Message);
        }
        catch (PatchException)
        {
            throw new ApiException(422, "Invalid", "the server rejected our request due to an error in our request") { Details = new StatusDetails() };
        }
    }

    private static Func<JsonObject, TypeSchema, JsonObject> ByOperations(JsonNode? patch)
    {
        if (patch is not JsonArray operations)
        {
            throw ApiException.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
        }

        return (obj, _) => Guard(() => JsonPatch.Apply(obj, operations)) as JsonObject
            ?? throw new ApiException(422, "Invalid", "the server rejected our request due to an error in our request") { Details = new StatusDetails() };
    }

    private static Func<JsonObject, TypeSchema, JsonObject> ByMerge(JsonNode? patch, Func<JsonObject, JsonObject, TypeSchema, JsonObject> merge)
    {
        var changes = patch as JsonObject ?? throw ApiException.BadRequest("error decoding patch: a JSON object is expected");
        return (obj, type) => Guard(() => merge(obj, changes, type));
    }

    private static JsonNode? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonText.ParseNode(body);
        }
        catch (DecodeException e)
        {
            throw ApiException.BadRequest($"error decoding patch: {e.Message}");
        }
    }

    private static JsonObject Complete(JsonObject patched, Resource resource, FieldValidation validation, List<string> warnings)
    {
        var shown = validation == FieldValidation.Strict ? patched.ToJsonString() : "";
        var found = new List<string>();
        var obj = ObjectDecoder.Complete(new DecodedBody(patched, []), resource, FieldValidation.Warn, found);
        if (found.Count > 0 && validation == FieldValidation.Strict)
        {
            throw ApiException.Invalid("", "", "", new FieldError(FieldErrorType.Invalid, "patch", $"\"{shown.Replace("\"", "\\\"", StringComparison.Ordinal)}\"", $"strict decoding error: {string.Join(", ", found)}"));
        }

        if (validation == FieldValidation.Warn)
        {
            warnings.AddRange(found);
        }

        return obj;
    }
}
