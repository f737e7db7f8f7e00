using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sealos.KubeControllers.Nodes;

/// <summary>Cuts nodes' pod ranges from the cloud's, IPv4 only.</summary>
internal sealed class PodRanges
{
    private readonly uint _first;
    private readonly ulong _size;
    private readonly int _prefix;

    /// <summary>Ranges of length <paramref name="nodePrefix"/> within <paramref name="range"/>.</summary>
    /// <exception cref="FormatException">The range is not IPv4 in CIDR form, or too small.</exception>
    public PodRanges(string range, int nodePrefix)
    {
        var network = IPNetwork.Parse(range);
        if (network.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
        {
            throw new FormatException($"pod range '{range}': only IPv4 is supported");
        }

        if (nodePrefix < network.PrefixLength || nodePrefix > 30)
        {
            throw new FormatException($"node range prefix {nodePrefix}: must be from {network.PrefixLength} to 30 within pod range '{range}'");
        }

        _first = ToNumber(network.BaseAddress);
        _size = 1UL << (32 - network.PrefixLength);
        _prefix = nodePrefix;
    }

    /// <summary>The first range that overlaps none of those in use, or null when all are.</summary>
    public string? Next(IEnumerable<string> used)
    {
        var taken = used.Select(IPNetwork.Parse).Where(n => n.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
            .Select(n => (First: (ulong)ToNumber(n.BaseAddress), End: ToNumber(n.BaseAddress) + (1UL << (32 - n.PrefixLength)))).ToList();
        var step = 1UL << (32 - _prefix);
        for (var start = (ulong)_first; start < _first + _size; start += step)
        {
            if (!taken.Exists(t => t.First < start + step && start < t.End))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{start >> 24}.{(start >> 16) & 255}.{(start >> 8) & 255}.{start & 255}/{_prefix}");
            }
        }

        return null;
    }

    private static uint ToNumber(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
    }
}
