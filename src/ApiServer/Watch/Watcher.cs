using System.Threading.Channels;

namespace Sealos.ApiServer.Watch;

/// <summary>
/// One watch: a filter and a bounded queue of what passed it. A watcher that does not keep up is cut off
/// (its connection is aborted), so that it can never hold memory or the cache back.
/// </summary>
internal sealed class Watcher(ObjectFilter filter, bool wantsBookmarks, Action cutOff)
{
    private const int MaxQueued = 8192;

    // Of what is queued; objects may be large, and each version of one lives as long as somebody's queue has it.
    private const long MaxQueuedBytes = 32 * 1024 * 1024;

    private readonly Channel<WatchItem> _queue = Channel.CreateBounded<WatchItem>(new BoundedChannelOptions(MaxQueued) { SingleReader = true, SingleWriter = false });

    private long _queuedBytes;

    public ObjectFilter Filter => filter;

    /// <summary>Whether nothing more will come of it, what is queued included.</summary>
    public bool IsOver => _queue.Reader.Completion.IsCompleted;

    /// <summary>Completes when there is something to read, or (false) never will be.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _queue.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes the next of what is queued.</summary>
    public bool TryRead(out WatchItem item)
    {
        if (!_queue.Reader.TryRead(out item))
        {
            return false;
        }

        Interlocked.Add(ref _queuedBytes, -SizeOf(item));
        return true;
    }

    /// <summary>Called under the cache's lock, in revision order.</summary>
    public void Offer(WatchEvent change)
    {
        if (Select(change) is not { } item)
        {
            return;
        }

        var queued = Interlocked.Add(ref _queuedBytes, SizeOf(item));
        if (queued > MaxQueuedBytes || !_queue.Writer.TryWrite(item))
        {
            _queue.Writer.TryComplete();
            cutOff();
        }
    }

    /// <summary>Queues a bookmark behind everything up to <paramref name="revision"/>; skipped when others wait.</summary>
    public void OfferBookmark(long revision)
    {
        if (wantsBookmarks)
        {
            _queue.Writer.TryWrite(new WatchItem(WatchEventType.Bookmark, null, revision));
        }
    }

    /// <summary>Ends the watch once what is queued was read.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    private static int SizeOf(WatchItem item) => item.Subject?.Utf8.Length ?? 0;

    /// <summary>What this watcher is told of a change, if anything.</summary>
    private WatchItem? Select(WatchEvent change)
    {
        if (!filter.MatchesName(change.Subject))
        {
            return null;
        }

        if (!filter.HasSelector)
        {
            return new WatchItem(change.Type, change.Subject, change.Revision);
        }

        var was = change.Previous is { } previous && filter.MatchesSelector(previous);
        var @is = change.Type != WatchEventType.Deleted && filter.MatchesSelector(change.Subject);
        return (was, @is) switch
        {
            (false, false) => null,
            (false, true) => new WatchItem(WatchEventType.Added, change.Subject, change.Revision),
            (true, true) => new WatchItem(WatchEventType.Modified, change.Subject, change.Revision),
            (true, false) => new WatchItem(WatchEventType.Deleted, change.Type == WatchEventType.Deleted ? change.Subject : change.Left, change.Revision),
        };
    }
}
