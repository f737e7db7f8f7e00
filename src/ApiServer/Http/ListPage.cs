using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Http;

/// <summary>One page of a list. Dispose it when it was sent.</summary>
internal sealed class ListPage(ObjectList items, long revision) : IDisposable
{
    private ObjectList _items = items;

    public ReadOnlySpan<CachedObject> Items => _items.Items;

    public int Count => _items.Count;

    public CachedObject this[int index] => _items[index];

    public long Revision => revision;

    /// <summary>The token for the next page, or null when this is the last.</summary>
    public string? Continue { get; init; }

    /// <summary>How many come after this page, where that is known.</summary>
    public long? Remaining { get; init; }

    public void Dispose() => _items.Dispose();
}
