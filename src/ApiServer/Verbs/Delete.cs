using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Verbs;

/// <summary>DELETE of one object.</summary>
internal sealed class Delete(ObjectDeleter deleter)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var options = ReadOptions(request);
        var resource = request.Resource;
        var target = resource.Cache.Get(request.Namespace, request.Name) ?? throw resource.NotFound(request.Name);
        var context = request.WriteContext(options.DryRun);
        Warn(resource, options, context);
        var result = await deleter.DeleteAsync(resource, target, options, context, request.Aborted).ConfigureAwait(false);

        // Step 10: the answer.
        Answer.Warn(request.Http, context.Warnings);
        if (!result.Gone || resource.Strategy.ReturnsDeleted)
        {
            await ObjectAnswer.SendAsync(request, 200, result.Object).ConfigureAwait(false);
            return;
        }

        var details = new StatusDetails { Name = request.Name, Group = resource.Group, Kind = resource.Plural, Uid = result.Object.Uid };
        await Answer.SendAsync(request.Http, 200, StatusJson.Success(details), request.Output.IsPretty).ConfigureAwait(false);
    }

    /// <summary>Some kinds leave their dependents behind unless told otherwise, which surprises.</summary>
    public static void Warn(Resource resource, DeleteOptions options, WriteContext context)
    {
        if (options.Propagation == Propagation.Default && resource.Strategy.DefaultPropagationWarning is { } warning)
        {
            context.Warnings.Add(warning);
        }
    }

    /// <summary>Reads the options from the body, which may be empty, and the query.</summary>
    public static DeleteOptions ReadOptions(ApiRequest request)
    {
        // Step 4: the body is read and decoded.
        var http = request.Http.Request;
        var bytes = BodyReader.Read(http);
        JsonObject? body = null;
        if (bytes.Length > 0)
        {
            body = BodyReader.Decode(bytes, BodyReader.MediaType(http), "DeleteOptions").Object;
            if (Sealos.Objects.Validation.TypeChecker.Check(body, KubeSchema.Default.GetType("meta/v1.DeleteOptions")) is { } mismatch)
            {
                throw ApiException.BadRequest($"DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: {mismatch}");
            }
        }

        return DeleteOptions.Parse(request.Query, body);
    }
}
