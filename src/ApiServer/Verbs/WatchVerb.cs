using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Verbs;

/// <summary>GET with watch=true: what is there, then every change, until the client or the deadline ends it.</summary>
internal sealed class WatchVerb(CacheSet caches, Freshness freshness, NodeReferences references, WatchPatience patience, CancellationToken stopping)
{
    // Long enough to be cheap, different for each so that watches do not all come back at once.
    private const int MinDefaultSeconds = 1800;
    private const int MaxDefaultSeconds = 3600;

    public async Task HandleAsync(ApiRequest request)
    {
        var options = Narrow(ListOptions.Parse(request, isWatch: true), request);
        if (options.Revision is > 0 and var revision)
        {
            await freshness.WaitAsync(revision, request.Aborted).ConfigureAwait(false);
        }

        var seconds = options.TimeoutSeconds is > 0 and var given ? given : Random.Shared.Next(MinDefaultSeconds, MaxDefaultSeconds);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue / 1000)), patience.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping, deadline.Token);
        var watcher = new Watcher(options.Filter, options.AllowBookmarks, request.Http.Abort);
        var stream = new WatchStream(request, options.AllowBookmarks, patience);
        try
        {
            // Step 10: the answer begins at once and is written to as things happen.
            await stream.StartAsync(ending.Token).ConfigureAwait(false);
            if (await BeginAsync(request, options, watcher, stream, ending.Token).ConfigureAwait(false))
            {
                await stream.CopyAsync(watcher, ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (deadline.IsCancellationRequested && !request.Aborted.IsCancellationRequested)
            {
                await stream.FinishAsync(watcher, caches.Applied, request.Aborted).ConfigureAwait(false);
            }
        }
        finally
        {
            request.Resource.Cache.Remove(watcher);
        }
    }

    /// <summary>A node that watches all ConfigMaps or Secrets sees those that its pods refer to.</summary>
    private ListOptions Narrow(ListOptions options, ApiRequest request) =>
        request.Resource is { Group: "", Plural: "configmaps" or "secrets" } resource && options.Filter is { Namespace: null, Name: null } && NodeIdentity.Of(request.User) is { } node
            ? options with { Filter = options.Filter.Within(o => references.IsRelated(node, resource.Plural, o.Namespace, o.Name)) }
            : options;

    /// <summary>Registers the watcher and sends what comes before live events; false when the watch cannot begin.</summary>
    private async Task<bool> BeginAsync(ApiRequest request, ListOptions options, Watcher watcher, WatchStream stream, CancellationToken cancellationToken)
    {
        var cache = request.Resource.Cache;
        var sendsInitial = options.SendInitialEvents ?? options.Revision is null or 0;
        if (!sendsInitial)
        {
            var revision = options.Revision is > 0 and var given ? given : caches.Applied;
            if (cache.TryWatch(watcher, revision, out var oldest))
            {
                return true;
            }

            await stream.WriteErrorAsync(ApiException.Expired($"too old resource version: {revision} ({oldest})"), cancellationToken).ConfigureAwait(false);
            return false;
        }

        var initial = cache.ListAndWatch(watcher, () => caches.Applied, out var now);
        using (initial)
        {
            for (var i = 0; i < initial.Count; i++)
            {
                if (options.Filter.Matches(initial[i]))
                {
                    await stream.WriteAsync(new WatchItem(WatchEventType.Added, initial[i], initial[i].Revision), cancellationToken).ConfigureAwait(false);
                }
            }
        }

        if (options is { SendInitialEvents: true, AllowBookmarks: true })
        {
            stream.WriteInitialEventsEnd(now);
        }

        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }
}
