using System.Buffers;
using System.Collections.Frozen;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>Which headers travel, in either direction, and which the gateway owns.</summary>
internal static class HeaderRules
{
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Tab is the one control character a value may hold; anything else could end a header early behind us.
    private static readonly SearchValues<char> ControlChars =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c != '\t').Select(c => (char)c), '\x7f']);

    private static readonly FrozenSet<string> HopByHop = FrozenSet.ToFrozenSet(
        [
            "Connection", "Proxy-Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authenticate",
            "Proxy-Authorization", "Proxy-Authentication-Info", "HTTP2-Settings", "Alt-Svc", "Content-Length", "Expect",
        ],
        StringComparer.OrdinalIgnoreCase);

    // Written by the gateway itself or, like Proxy, a known way to mislead an app; a client's own value never passes.
    private static readonly FrozenSet<string> Owned = FrozenSet.ToFrozenSet(
        ["Host", "Forwarded", "X-Real-IP", "Proxy", "X-Content-Length", "X-Scheme", "X-Original-Forwarded-For"], StringComparer.OrdinalIgnoreCase);

    public static bool IsToken(ReadOnlySpan<char> name) => name.Length > 0 && !name.ContainsAnyExcept(TokenChars);

    public static bool IsSafeValue(ReadOnlySpan<char> value) => !value.ContainsAny(ControlChars);

    /// <summary>Headers that say where a message ends or how a connection is used.</summary>
    public static bool IsFraming(string name) => HopByHop.Contains(name) || name.Equals("Host", StringComparison.OrdinalIgnoreCase);

    public static bool IsHopByHop(string name) => HopByHop.Contains(name);

    /// <summary>
    /// Whether the gateway writes this header towards apps. An underscore counts as a hyphen: many app servers see both as one.
    /// </summary>
    public static bool IsOwned(string name)
    {
        if (name.Contains('_', StringComparison.Ordinal))
        {
            var written = name.Replace('_', '-');
            return IsOwned(written) || HopByHop.Contains(written);
        }

        return Owned.Contains(name) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the Connection header names this header as meant for the next hop alone.</summary>
    public static bool IsNominated(string name, IEnumerable<string?> connection)
    {
        foreach (var value in connection)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                if (value.AsSpan(range).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
