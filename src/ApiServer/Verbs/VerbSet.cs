using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Verbs;

/// <summary>The verbs on objects themselves.</summary>
internal sealed record VerbSet(Get Get, List List, WatchVerb Watch, Create Create, Update Update)
{
    public required Patch Patch { get; init; }

    public required Delete Delete { get; init; }

    public required DeleteCollection DeleteCollection { get; init; }

    /// <summary>Verbs on kinds that are asked, not stored.</summary>
    public required Reviews.ReviewSet Reviews { get; init; }

    /// <summary>Verbs on kinds that are found out when they are asked for.</summary>
    public required Computed.ComputedSet Computed { get; init; }

    public Task HandleAsync(ApiRequest request)
    {
        var verb = request.Info.Verb;
        var resource = request.Resource;
        if (!resource.Verbs.Contains(verb) || (resource.IsNamespaced && request.Info.Namespace is null && verb is not ("list" or "watch") && resource.IsStored))
        {
            throw ApiException.MethodNotAllowed();
        }

        if (!resource.IsStored)
        {
            return resource.IsComputed ? Computed.HandleAsync(request) : Reviews.HandleAsync(request);
        }

        return verb switch
        {
            "get" => Get.HandleAsync(request),
            "list" => List.HandleAsync(request),
            "watch" => Watch.HandleAsync(request),
            "create" => request.Info.Name is null ? Create.HandleAsync(request) : throw ApiException.MethodNotAllowed(),
            "update" => Update.HandleAsync(request),
            "patch" => Patch.HandleAsync(request),
            "delete" => Delete.HandleAsync(request),
            "deletecollection" => DeleteCollection.HandleAsync(request),
            _ => throw ApiException.MethodNotAllowed(),
        };
    }
}
