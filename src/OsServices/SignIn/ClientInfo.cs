using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Sealos.OsServices.SignIn;

/// <summary>From where and with what somebody signs in, as their session shows it.</summary>
public sealed record ClientInfo(string Address, string UserAgent)
{
    private const int LongestAgent = 200;

    /// <summary>Nobody knows.</summary>
    public static ClientInfo Unknown { get; } = new("", "");

    /// <summary>What limits of attempts count by: who has one IPv6 address has a whole network of them.</summary>
    internal string Network =>
        IPAddress.TryParse(Address, out var address) && address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : Address;

    /// <summary>What a request says; only the gateway and the desktop reach the services' socket, and they write the address themselves.</summary>
    internal static ClientInfo Of(HttpContext context)
    {
        var chain = context.Request.Headers["X-Forwarded-For"].ToString();
        var last = chain[(chain.LastIndexOf(',') + 1)..].Trim();
        return new ClientInfo(IPAddress.TryParse(last, out var address) ? address.ToString() : "", Clean(context.Request.Headers.UserAgent.ToString()));
    }

    // Whatever else a program calls itself by is no text to show to a person.
    internal static string Clean(string text) => new([.. text.Where(c => c is >= ' ' and < '\x7f').Take(LongestAgent)]);
}
