using System.Buffers;

namespace Sealos.Network.Gateway.Routing;

/// <summary>Host names as the routes know them: lower case, no port, no trailing dot.</summary>
internal static class HostName
{
    /// <summary>The longest name DNS allows.</summary>
    public const int MaxLength = 253;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    /// <summary>The name in its one written form, or null when it is no host name.</summary>
    public static string? Normalize(string? host)
    {
        if (host is null)
        {
            return null;
        }

        var name = Trim(host);
        var rest = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return IsValid(rest) ? name.ToString().ToLowerInvariant() : null;
    }

    /// <summary>The host of a request without the dot that may end it.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> host) => host is [.., '.'] ? host[..^1] : host;

    /// <summary>Whether every label is there and holds only what names may hold.</summary>
    public static bool IsValid(ReadOnlySpan<char> host)
    {
        if (host.Length is 0 or > MaxLength || host[0] == '.' || host[^1] == '.' || host.ContainsAnyExcept(Allowed))
        {
            return false;
        }

        return host.IndexOf("..", StringComparison.Ordinal) < 0;
    }

    /// <summary>Writes the wildcard that covers a host, <c>*.rest</c>; false when the host has one label only.</summary>
    public static bool TryGetWildcard(ReadOnlySpan<char> host, Span<char> buffer, out ReadOnlySpan<char> wildcard)
    {
        var dot = host.IndexOf('.');
        if (dot <= 0 || host.Length - dot + 1 > buffer.Length)
        {
            wildcard = default;
            return false;
        }

        buffer[0] = '*';
        host[dot..].CopyTo(buffer[1..]);
        wildcard = buffer[..(host.Length - dot + 1)];
        return true;
    }
}
