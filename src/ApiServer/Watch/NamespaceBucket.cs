namespace Sealos.ApiServer.Watch;

/// <summary>The objects of one kind in one namespace, ordered by name. Guarded by the cache's lock.</summary>
internal sealed class NamespaceBucket(string @namespace)
{
    /// <summary>The order of the store's keys, in which '-' and '.' come before the slash behind a namespace.</summary>
    public static readonly IComparer<NamespaceBucket> KeyOrder =
        Comparer<NamespaceBucket>.Create((a, b) => string.CompareOrdinal(a._keyPrefix, b._keyPrefix));

    private readonly string _keyPrefix = @namespace.Length == 0 ? "" : @namespace + "/";

    public string Namespace => @namespace;

    public List<CachedObject> Items { get; } = [];

    public CachedObject? Find(ReadOnlySpan<char> name)
    {
        var at = IndexOf(name);
        return at >= 0 ? Items[at] : null;
    }

    public void Set(CachedObject obj)
    {
        var at = IndexOf(obj.Name);
        if (at >= 0)
        {
            Items[at] = obj;
        }
        else
        {
            Items.Insert(~at, obj);
        }
    }

    public void Remove(string name)
    {
        var at = IndexOf(name);
        if (at >= 0)
        {
            Items.RemoveAt(at);
        }
    }

    /// <summary>Appends the items after a key (null: all).</summary>
    public void CopyTo(ref ObjectList list, string? startAfter)
    {
        var from = 0;
        if (startAfter is not null)
        {
            if (startAfter.StartsWith(_keyPrefix, StringComparison.Ordinal))
            {
                var at = IndexOf(startAfter.AsSpan(_keyPrefix.Length));
                from = at >= 0 ? at + 1 : ~at;
            }
            else if (string.CompareOrdinal(_keyPrefix, startAfter) < 0)
            {
                return;
            }
        }

        for (; from < Items.Count && !list.IsFull; from++)
        {
            list.Add(Items[from]);
        }

        list.Left += Items.Count - from;
    }

    private int IndexOf(ReadOnlySpan<char> name)
    {
        int low = 0, high = Items.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = Items[middle].Name.AsSpan().SequenceCompareTo(name);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}
