using Sealos.ApiServer.Admission;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Proxy;
using Sealos.ApiServer.Verbs;

namespace Sealos.ApiServer.Subresources;

/// <summary>The parts of objects that have paths of their own.</summary>
internal sealed record SubresourceSet(VerbSet Verbs, Scale Scale, Binding Binding, Eviction Eviction, Token Token)
{
    public required NodeStreams Streams { get; init; }

    public required ProxyVerb Proxy { get; init; }

    public required AdmissionChain Admission { get; init; }

    public async Task HandleAsync(ApiRequest request, string name)
    {
        var found = request.Resource.FindSubresource(name) ?? throw ApiException.PathNotFound();
        // A proxied request may ask with any method; who may is what RBAC says of its verb.
        if (!found.Verbs.Contains(request.Info.Verb) && !(name == "proxy" && request.Info.Verb == "options"))
        {
            throw ApiException.MethodNotAllowed();
        }

        if (name is "exec" or "attach" or "portforward" or "proxy")
        {
            await Admission.ConnectAsync(request, found.ResponseKind).ConfigureAwait(false);
        }

        await DispatchAsync(request, name).ConfigureAwait(false);
    }

    private Task DispatchAsync(ApiRequest request, string name) =>
        name switch
        {
            "status" or "finalize" or "approval" or "ephemeralcontainers" or "resize" => HandlePart(request),
            "scale" => Scale.HandleAsync(request),
            "binding" => Binding.HandleAsync(request, request.Name),
            "eviction" => Eviction.HandleAsync(request),
            "token" => Token.HandleAsync(request),
            "log" => Streams.LogAsync(request),
            "exec" or "attach" or "portforward" => Streams.ConnectAsync(request, name),
            "proxy" => Proxy.HandleAsync(request),
            _ => throw ApiException.PathNotFound(),
        };

    /// <summary>Parts that are read and written as the whole object, of which only the part counts.</summary>
    private Task HandlePart(ApiRequest request) => request.Info.Verb switch
    {
        "get" => Verbs.Get.HandleAsync(request),
        "update" => Verbs.Update.HandleAsync(request),
        "patch" => Verbs.Patch.HandleAsync(request),
        _ => throw ApiException.MethodNotAllowed(),
    };
}
