using System.Net;
using System.Net.Sockets;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Whether addresses and ranges touch what is closed to workspaces.</summary>
internal static class AddressRanges
{
    private static readonly IPNetwork[] Never =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("::/127"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"), IPNetwork.Parse("fd00:ec2::254/128"), IPNetwork.Parse("100.100.100.200/32"),
    ];

    // What stands in the way of a whole range like 0.0.0.0/0 must have something behind it; nobody is reached at these.
    private static readonly IPNetwork[] ClosedToPolicies = [IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.100.100.200/32"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fd00:ec2::254/128")];

    /// <summary>Whether a single address is none that a workspace may send its visitors to.</summary>
    public static bool IsClosed(IPAddress address, IReadOnlyList<IPNetwork> closed)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return closed.Concat(Never).Any(n => n.BaseAddress.AddressFamily == plain.AddressFamily && n.Contains(plain));
    }

    /// <summary>
    /// Reads an address that can be read in one way only; null when others might read it otherwise: 010.0.0.1 is 10.0.0.1 to some, and
    /// 8.0.0.1 to others.
    /// </summary>
    public static IPAddress? Parse(string? text)
    {
        if (!IPAddress.TryParse(text, out var address) || text.Any(c => !char.IsAsciiHexDigit(c) && c is not ('.' or ':')))
        {
            return null;
        }

        var dotted = text[(text.LastIndexOf(':') + 1)..];
        return (address.AddressFamily == AddressFamily.InterNetworkV6 && !dotted.Contains('.', StringComparison.Ordinal)) || (IPAddress.TryParse(dotted, out var plain) && plain.ToString() == dotted)
            ? address
            : null;
    }

    /// <summary>The closed ranges of which a block lets something through; none when its exceptions hold all of them back.</summary>
    public static IReadOnlyList<IPNetwork> Opened(IPNetwork block, IReadOnlyList<IPNetwork> exceptions, IReadOnlyList<IPNetwork> closed) =>
    [
        // Of two blocks that overlap one lies within the other.
        .. Outermost([.. closed, .. ClosedToPolicies]).Where(range =>
            (Covers(block, range) && !exceptions.Any(e => Covers(e, range))) || (Covers(range, block) && !exceptions.Any(e => Covers(e, block)))),
    ];

    private static IEnumerable<IPNetwork> Outermost(IPNetwork[] ranges) => ranges.Distinct().Where(r => !ranges.Any(o => o != r && Covers(o, r)));

    private static bool Covers(IPNetwork outer, IPNetwork inner) =>
        outer.BaseAddress.AddressFamily == inner.BaseAddress.AddressFamily && outer.PrefixLength <= inner.PrefixLength && outer.Contains(inner.BaseAddress);
}
