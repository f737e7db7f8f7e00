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
    internal string Network => Prefix(8);

    /// <summary>What limits of what is kept count by: who has one IPv6 network has as many of them as a provider gives to one house.</summary>
    internal string Site => Prefix(6);

    /// <summary>What a request says; only the gateway and the desktop reach the services' socket, and they write the address themselves.</summary>
    internal static ClientInfo Of(HttpContext context)
    {
        var chain = context.Request.Headers["X-Forwarded-For"].ToString();
        var last = chain[(chain.LastIndexOf(',') + 1)..].Trim();
        return new ClientInfo(IPAddress.TryParse(last, out var address) ? address.ToString() : "", Clean(context.Request.Headers.UserAgent.ToString()));
    }

    /// <summary>The part of what a program calls itself by that may be shown to a person, and sent on.</summary>
    public static string Clean(string text) => new([.. text.Where(c => c is >= ' ' and < '\x7f').Take(LongestAgent)]);

    private string Prefix(int bytes) =>
        IPAddress.TryParse(Address, out var address) && address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, bytes))
            : Address;
}
