using System.Collections;
using System.Net;

namespace Sealos.Host.InCluster;

/// <summary>Ranges of addresses that grow while others read them; each read sees them as they are at that moment.</summary>
internal sealed class LiveRanges(IEnumerable<IPNetwork> first) : IReadOnlyList<IPNetwork>
{
    private volatile IPNetwork[] _all = [.. first];

    /// <inheritdoc/>
    public int Count => _all.Length;

    /// <inheritdoc/>
    public IPNetwork this[int index] => _all[index];

    /// <summary>Adds a range; false when it lies in one of them already. By one caller at a time.</summary>
    public bool Add(IPNetwork range)
    {
        if (_all.Any(known => known.PrefixLength <= range.PrefixLength && known.Contains(range.BaseAddress)))
        {
            return false;
        }

        _all = [.. _all, range];
        return true;
    }

    /// <inheritdoc/>
    public IEnumerator<IPNetwork> GetEnumerator() => ((IEnumerable<IPNetwork>)_all).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
