using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Verbs;

/// <summary>PATCH of one object or of its status: JSON patch, merge patch or strategic merge patch; applying is <see cref="Apply"/>'s.</summary>
internal sealed class Patch(ObjectUpdater updater, Apply apply)
{
    public const string JsonPatchType = "application/json-patch+json";
    public const string MergePatchType = "application/merge-patch+json";
    public const string StrategicPatchType = "application/strategic-merge-patch+json";
    private const string Accepted = $"{JsonPatchType}, {MergePatchType}, {StrategicPatchType}, {Apply.MediaType}";

    public async Task HandleAsync(ApiRequest request)
    {
        if (IsApply(request))
        {
            await apply.HandleAsync(request).ConfigureAwait(false);
            return;
        }

        var options = ParseOptions(request);
        var context = request.WriteContext(options.DryRun);

        // Step 4: the patch is read.
        var patch = Read(request);
        var resource = request.Resource;
        var update = new UpdateRequest(resource, request.Namespace, request.Name, current =>
        {
            // Step 5: the patch is applied; unknown fields go, types are checked, defaults are filled in.
            context.Warnings.Clear();
            var patched = patch.Apply(current, resource.Type);
            return patch.Complete(patched, resource, options.FieldValidation, context.Warnings);
        })
        {
            NeedsManagedFields = patch.SpeaksOfManagedFields,
        };
        var result = await updater.UpdateAsync(update, context, request.Aborted).ConfigureAwait(false);

        // Step 10: the answer.
        Answer.Warn(request.Http, context.Warnings);
        await ObjectAnswer.SendAsync(request, 200, result.Object).ConfigureAwait(false);
    }

    /// <summary>Whether the patch is an apply.</summary>
    public static bool IsApply(ApiRequest request) => BodyReader.MediaType(request.Http.Request) == Apply.MediaType;

    /// <summary>The options of a patch; those of server-side apply are refused.</summary>
    public static WriteOptions ParseOptions(ApiRequest request)
    {
        if (request.Parameter("force").Length > 0)
        {
            throw ApiException.InvalidOption("PatchOptions", FieldErrorType.Forbidden, "force", "may not be specified for non-apply patch");
        }

        return WriteOptions.Parse(request.Query, "PatchOptions");
    }

    /// <summary>Reads the body.</summary>
    public static PatchBody Read(ApiRequest request)
    {
        var mediaType = BodyReader.MediaType(request.Http.Request);
        if (mediaType == StrategicPatchType && request.Resource.Custom is not null && request.Info.Subresource != "scale")
        {
            throw ApiException.UnsupportedMediaType($"{JsonPatchType}, {MergePatchType}, {Apply.MediaType}");
        }

        if (mediaType is not (JsonPatchType or MergePatchType or StrategicPatchType))
        {
            throw ApiException.UnsupportedMediaType(Accepted);
        }

        var body = BodyReader.Read(request.Http.Request);
        return PatchBody.Parse(mediaType, body);
    }
}
