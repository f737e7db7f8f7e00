using System.Buffers;

namespace Sealos.ApiServer.Watch;

/// <summary>References to objects in a rented array. Dispose it to give the array back.</summary>
internal struct ObjectList(int capacity) : IDisposable
{
    private CachedObject[]? _items = capacity == 0 ? null : ArrayPool<CachedObject>.Shared.Rent(capacity);

    public int Count { get; private set; }

    /// <summary>How many more there are behind these.</summary>
    public int Left { get; set; }

    public readonly bool IsFull => Count >= capacity;

    public readonly ReadOnlySpan<CachedObject> Items => _items.AsSpan(0, Count);

    public readonly CachedObject this[int index] => _items![index];

    /// <summary>Adds within the capacity.</summary>
    public void Add(CachedObject obj) => _items![Count++] = obj;

    /// <summary>Keeps what the filter selects.</summary>
    public void Keep(ObjectFilter filter)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            var obj = _items![i];
            if (filter.Matches(obj))
            {
                _items[kept++] = obj;
            }
        }

        Truncate(kept);
    }

    /// <summary>Keeps the first items.</summary>
    public void Truncate(int count)
    {
        _items?.AsSpan(count, Count - count).Clear();
        Count = count;
    }

    public void Dispose()
    {
        if (_items is { } items)
        {
            _items = null;
            items.AsSpan(0, Count).Clear();
            ArrayPool<CachedObject>.Shared.Return(items);
        }
    }
}
