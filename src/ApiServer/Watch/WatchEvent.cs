namespace Sealos.ApiServer.Watch;

/// <summary>What happened to an object, as a watch says it.</summary>
internal enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}

/// <summary>One change of one object. Shared by all watchers, so nothing is encoded more than once.</summary>
internal sealed class WatchEvent(WatchEventType type, CachedObject subject, CachedObject? previous, long revision, DateTimeOffset at)
{
    private CachedObject? _left;

    /// <summary>Added, modified or deleted.</summary>
    public WatchEventType Type { get; } = type;

    /// <summary>The new content; for a deletion the last content, as of the deletion's revision.</summary>
    public CachedObject Subject { get; } = subject;

    /// <summary>The content before; null for an addition.</summary>
    public CachedObject? Previous { get; } = previous;

    public long Revision { get; } = revision;

    /// <summary>When the cache saw it; old events are forgotten.</summary>
    public DateTimeOffset At { get; } = at;

    /// <summary>What a watcher is told whose selector the object has left: the old content as of this revision.</summary>
    public CachedObject Left => _left ??= Previous!.At(Revision);
}

/// <summary>An event as one watcher gets it.</summary>
internal readonly record struct WatchItem(WatchEventType Type, CachedObject? Subject, long Revision);
