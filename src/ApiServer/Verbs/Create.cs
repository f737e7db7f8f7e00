using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;

namespace Sealos.ApiServer.Verbs;

/// <summary>POST to a collection.</summary>
internal sealed class Create(ObjectCreator creator)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var options = WriteOptions.Parse(request.Query, "CreateOptions");
        var context = request.WriteContext(options.DryRun);

        // Step 4: the body is read and decoded.
        var body = ReadBody(request);

        // Step 5: unknown fields go, types are checked, defaults are filled in.
        var obj = ObjectDecoder.Complete(body, request.Resource, options.FieldValidation, context.Warnings);
        var created = await creator.CreateAsync(request.Resource, request.Namespace, obj, context, request.Aborted).ConfigureAwait(false);

        if (request.Http.Features.Get<AuditTrail>() is { } trail)
        {
            trail.CreatedName = created.Name;
        }

        // Step 10: the answer.
        Answer.Warn(request.Http, context.Warnings);
        await ObjectAnswer.SendAsync(request, 201, created).ConfigureAwait(false);
    }

    /// <summary>The decoded body of a request about an object of the resource's kind.</summary>
    public static DecodedBody ReadBody(ApiRequest request) =>
        BodyReader.Decode(BodyReader.Read(request.Http.Request), BodyReader.MediaType(request.Http.Request), request.Resource.Kind);
}
