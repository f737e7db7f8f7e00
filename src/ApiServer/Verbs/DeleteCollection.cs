using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Verbs;

/// <summary>DELETE of a collection: every object that the selectors select, one by one.</summary>
internal sealed class DeleteCollection(ObjectDeleter deleter, List list, ObjectStore store)
{
    public async Task HandleAsync(ApiRequest request)
    {
        var options = await Delete.ReadOptionsAsync(request).ConfigureAwait(false);
        var listOptions = ListOptions.Parse(request, isWatch: false);
        var context = request.WriteContext(options.DryRun);
        var deleted = new List<CachedObject>();
        using var page = await list.ReadAsync(request.Resource, listOptions, request.Aborted).ConfigureAwait(false);
        for (var i = 0; i < page.Count; i++)
        {
            try
            {
                var result = await deleter.DeleteAsync(request.Resource, page[i], options, context, request.Aborted).ConfigureAwait(false);
                deleted.Add(result.Object);
            }
            catch (ApiException e) when (e.Code == 404)
            {
                // Deleted meanwhile, which is what was asked for.
            }
        }

        // Step 10: the answer.
        await Answer.SendAsync(request.Http, 200, ListAnswer.Compose(request, deleted, store.Revision), request.Output.IsPretty).ConfigureAwait(false);
    }
}
