using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;
using Sealos.Store;

namespace Sealos.ApiServer.Verbs;

/// <summary>GET of a collection: from memory, or from the store's history for pages of an older state.</summary>
internal sealed class List(CacheSet caches, KeyValueStore store, Freshness freshness)
{
    private const int HistoryChunk = 500;

    public async Task HandleAsync(ApiRequest request)
    {
        var options = ListOptions.Parse(request, isWatch: false);
        using var page = await ReadAsync(request.Resource, options, request.Aborted).ConfigureAwait(false);
        await ListAnswer.SendAsync(request, page).ConfigureAwait(false);
    }

    /// <summary>Reads one page.</summary>
    public async Task<ListPage> ReadAsync(Resource resource, ListOptions options, CancellationToken cancellationToken)
    {
        if (options.Continue is { Revision: >= 0 } token)
        {
            return ReadAt(resource, options, token.Revision, token.StartAfter);
        }

        if (options.Continue is null && options.Revision is > 0 and var revision)
        {
            await freshness.WaitAsync(revision, cancellationToken).ConfigureAwait(false);
            if (options.Match == RevisionMatch.Exact || (options.Match == RevisionMatch.Unset && options.Limit > 0))
            {
                return ReadAt(resource, options, revision, null);
            }
        }

        return ReadNow(resource, options, options.Continue?.StartAfter);
    }

    private ListPage ReadNow(Resource resource, ListOptions options, string? startAfter)
    {
        var found = resource.Cache.List(options.Filter.Namespace, startAfter, Needed(options), () => caches.Applied, out var revision);
        return Cut(found, options, revision);
    }

    private ListPage ReadAt(Resource resource, ListOptions options, long revision, string? startAfter)
    {
        var found = resource.Cache.List(options.Filter.Namespace, startAfter, Needed(options), () => caches.Applied, out var now);
        if (resource.Cache.LastChange <= revision && now >= revision)
        {
            return Cut(found, options, revision);
        }

        found.Dispose();
        try
        {
            return ReadHistory(resource, options, revision, startAfter);
        }
        catch (CompactedException) when (startAfter is not null)
        {
            throw new ApiException(410, "Expired", "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
            {
                Continue = new ContinueToken(-1, startAfter).ToString(),
            };
        }
        catch (CompactedException)
        {
            throw ApiException.Expired("The resourceVersion for the provided list is too old.");
        }
    }

    private ListPage ReadHistory(Resource resource, ListOptions options, long revision, string? startAfter)
    {
        var cache = resource.Cache;
        var prefix = options.Filter.Namespace is { } ns ? $"{cache.Prefix}{ns}/" : cache.Prefix;
        var key = startAfter is null ? null : cache.Prefix + startAfter;
        var selected = new List<CachedObject>();
        var wanted = options.Limit > 0 ? options.Limit + 1 : long.MaxValue;
        while (selected.Count < wanted)
        {
            var chunk = store.List(prefix, revision, key, HistoryChunk);
            selected.AddRange(chunk
                .Select(v => ObjectScanner.Load(v.Key.AsSpan(cache.Prefix.Length), v.Value.Span, v.ModRevision, cache.Fields))
                .Where(options.Filter.Matches));
            if (chunk.Count < HistoryChunk)
            {
                break;
            }

            key = chunk[^1].Key;
        }

        var found = new ObjectList(selected.Count);
        foreach (var obj in selected)
        {
            found.Add(obj);
        }

        return Cut(found, options, revision);
    }

    /// <summary>How many objects a page is made from: without selectors no more than it shows.</summary>
    private static int Needed(ListOptions options) => options is { Limit: > 0 and < int.MaxValue, Filter.IsSelective: false } ? (int)options.Limit : int.MaxValue;

    /// <summary>Applies selectors and the page's size.</summary>
    private static ListPage Cut(ObjectList found, ListOptions options, long revision)
    {
        if (options.Filter.IsSelective)
        {
            found.Keep(options.Filter);
        }

        if (options.Limit <= 0 || found.Count + found.Left <= options.Limit)
        {
            return new ListPage(found, revision);
        }

        var remaining = found.Count + found.Left - options.Limit;
        found.Truncate((int)options.Limit);
        return new ListPage(found, revision)
        {
            Continue = new ContinueToken(revision, found[found.Count - 1].Key).ToString(),
            Remaining = options.Filter.IsSelective ? null : remaining,
        };
    }
}
