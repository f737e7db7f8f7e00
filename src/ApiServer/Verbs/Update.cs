using System.Text.Json.Nodes;
using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Verbs;

/// <summary>PUT of one object, or of its status or finalizers.</summary>
internal sealed class Update(ObjectUpdater updater, Authorizer authorizer)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var options = WriteOptions.Parse(request.Query, "UpdateOptions");
        var context = request.WriteContext(options.DryRun);

        // Step 4: the body is read and decoded.
        var body = Create.ReadBody(request);

        // Step 5: unknown fields go, types are checked, defaults are filled in.
        var obj = ObjectDecoder.Complete(body, request.Resource, options.FieldValidation, context.Warnings);
        CheckName(obj, request.Name);
        var update = new UpdateRequest(request.Resource, request.Namespace, request.Name, _ => (JsonObject)obj.DeepClone())
        {
            CreateInstead = request.Info.Subresource is null ? CreateIfAllowed : null,
        };
        var result = await updater.UpdateAsync(update, context, request.Aborted).ConfigureAwait(false);

        // Step 10: the answer.
        Answer.Warn(request.Http, context.Warnings);
        await ObjectAnswer.SendAsync(request, result.Created ? 201 : 200, result.Object).ConfigureAwait(false);
        return;

        JsonObject CreateIfAllowed()
        {
            CreateRight.Require(authorizer, request);
            return obj;
        }
    }

    /// <summary>The name in the body must be the URL's.</summary>
    public static void CheckName(JsonObject obj, string name)
    {
        var given = obj.Child("metadata").Text("name");
        if (given != name && !string.IsNullOrEmpty(given))
        {
            throw ApiException.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        }
    }
}
