using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Verbs;

/// <summary>GET of one object, from memory.</summary>
internal sealed class Get(Freshness freshness)
{
    public async Task HandleAsync(ApiRequest request)
    {
        if (ListOptions.ParseRevision(request.Parameter("resourceVersion")) is { } revision)
        {
            await freshness.WaitAsync(revision, request.Aborted).ConfigureAwait(false);
        }

        var found = request.Resource.Cache.Get(request.Namespace, request.Name) ?? throw request.Resource.NotFound(request.Name);
        await ObjectAnswer.SendAsync(request, 200, found).ConfigureAwait(false);
    }
}
