using Microsoft.AspNetCore.Http;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.CustomKinds;
using Sealos.ApiServer.Discovery;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Subresources;
using Sealos.ApiServer.Verbs;

namespace Sealos.ApiServer.Http;

/// <summary>Finds what answers a request that was let in.</summary>
internal sealed class Router(ResourceRegistry registry, VerbSet verbs, SubresourceSet subresources, DiscoveryEndpoints discovery, SystemEndpoints system, TimeProvider time)
{
    public Task DispatchAsync(HttpContext http, RequestInfo info, UserInfo user)
    {
        if (!info.IsResource)
        {
            return discovery.TryAnswer(http, info) ?? system.TryAnswer(http, info) ?? throw ApiException.PathNotFound();
        }

        var resource = registry.Find(info.Group, info.Version, info.Plural!) ?? throw ApiException.PathNotFound();
        if (info.Namespace is not null && !resource.IsNamespaced && resource.Plural != "namespaces")
        {
            throw ApiException.PathNotFound();
        }

        if (resource.Custom is { } custom)
        {
            CustomModel.Admit(http, info, custom);
        }

        var request = new ApiRequest(http, info, user, resource) { Now = time.GetUtcNow() };
        return info.Subresource is { } subresource
            ? subresources.HandleAsync(request, subresource)
            : verbs.HandleAsync(request);
    }
}
