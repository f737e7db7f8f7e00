using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Verbs;

/// <summary>DELETE of a collection: every object that the selectors select, one by one.</summary>
internal sealed class DeleteCollection(ObjectDeleter deleter, List list, ObjectStore store)
{
    private const int Parallelism = 16;

    public async Task HandleAsync(ApiRequest request)
    {
        var options = Delete.ReadOptions(request);
        var listOptions = ListOptions.Parse(request, isWatch: false);
        var context = request.WriteContext(options.DryRun);
        Delete.Warn(request.Resource, options, context);
        using var page = await list.ReadAsync(request.Resource, listOptions, request.Aborted).ConfigureAwait(false);
        var deleted = new CachedObject?[page.Count];

        // Several at once share one transaction of the store.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = request.Aborted };
        await Parallel.ForAsync(0, page.Count, parallel, async (i, cancellationToken) =>
        {
            try
            {
                deleted[i] = (await deleter.DeleteAsync(request.Resource, page[i], options, context, cancellationToken).ConfigureAwait(false)).Object;
            }
            catch (ApiException e) when (e.Code == 404)
            {
                // Deleted meanwhile, which is what was asked for.
            }
        }).ConfigureAwait(false);

        // Step 10: the answer.
        Answer.Warn(request.Http, context.Warnings);
        await Answer.SendAsync(request.Http, 200, ListAnswer.Compose(request, [.. deleted.OfType<CachedObject>()], store.Revision), request.Output.IsPretty).ConfigureAwait(false);
    }
}
