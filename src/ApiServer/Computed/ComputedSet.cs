using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Printing;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Computed;

/// <summary>Answers for kinds that are found out when they are asked for: one, or those that labels select.</summary>
internal sealed class ComputedSet(ComponentStatuses components, ApiServices services, UsageMetrics usage)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var kind = KindOf(request);
        if (kind.Warning is { } warning)
        {
            Answer.Warn(request.Http, [warning]);
        }

        var all = await kind.ListAsync(request.Info.Namespace, request.Aborted).ConfigureAwait(false);
        var schema = request.Resource.Schema;
        IReadOnlyList<JsonObject> shown = request.Info.Name is { } name
            ? [all.FirstOrDefault(o => o.Child("metadata").Text("name") == name) ?? throw request.Resource.NotFound(name)]
            : Select(request, all);
        if (request.Output.Transform == Transform.Table)
        {
            var table = TablePrinter.Table(schema, new TableHead(request.Output.Version!), shown.Select(o => new TableRow(o)), request.Now);
            await Answer.SendAsync(request.Http, 200, table, request.Output.IsPretty).ConfigureAwait(false);
            return;
        }

        var body = request.Info.Name is not null ? Whole(shown[0], request) : new JsonObject
        {
            ["kind"] = schema.Kind + "List",
            ["apiVersion"] = schema.GroupVersion,
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. shown]),
        };
        await Answer.SendAsync(request.Http, 200, JsonText.Write(body), request.Output.IsPretty).ConfigureAwait(false);
    }

    private static JsonObject Whole(JsonObject obj, ApiRequest request)
    {
        obj.Insert(0, "kind", request.Resource.Kind);
        obj.Insert(1, "apiVersion", request.Resource.GroupVersion);
        return obj;
    }

    private static List<JsonObject> Select(ApiRequest request, IEnumerable<JsonObject> all)
    {
        try
        {
            var labels = LabelSelector.Parse(request.Parameter("labelSelector"));
            var name = FieldSelector.Parse(request.Parameter("fieldSelector")).RequiredValue("metadata.name");
            return [.. all.Where(o => labels.Matches(o.Child("metadata", "labels")) && (name is null || o.Child("metadata").Text("name") == name))];
        }
        catch (SelectorException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }

    private ComputedKind KindOf(ApiRequest request) => request.Resource.Kind switch
    {
        "APIService" => services,
        "ComponentStatus" => components,
        "NodeMetrics" => usage.OfNodes,
        "PodMetrics" => usage.OfPods,
        _ => throw ApiException.MethodNotAllowed(),
    };
}
