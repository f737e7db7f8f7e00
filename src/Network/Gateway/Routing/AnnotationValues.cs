using System.Globalization;
using System.Net;
using Sealos.Network.Gateway.Forwarding;

namespace Sealos.Network.Gateway.Routing;

/// <summary>Parsers of annotation values; each throws <see cref="FormatException"/> saying what is allowed.</summary>
internal static class AnnotationValues
{
    private const int MaxHeaderValue = 4_096;
    private const int MaxListItems = 64;

    public static bool Bool(string value) => value.ToLowerInvariant() switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException("must be true or false"),
    };

    public static long Size(string value)
    {
        var (digits, unit) = value.Length > 0 && !char.IsAsciiDigit(value[^1]) ? (value[..^1], char.ToLowerInvariant(value[^1])) : (value, ' ');
        var factor = unit switch
        {
            ' ' => 1L,
            'k' => 1L << 10,
            'm' => 1L << 20,
            'g' => 1L << 30,
            _ => throw new FormatException("must be bytes with an optional k, m or g"),
        };
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > (1L << 50) / factor)
        {
            throw new FormatException("must be bytes with an optional k, m or g");
        }

        return number * factor;
    }

    public static TimeSpan Seconds(string value, int max)
    {
        var digits = value.EndsWith('s') ? value[..^1] : value;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds >= 1 && seconds <= max
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"must be 1 to {max} seconds");
    }

    public static IReadOnlyList<string> Words(string value)
    {
        var words = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return words.Length is > 0 and <= MaxListItems ? words : throw new FormatException($"must be 1 to {MaxListItems} values with commas between");
    }

    public static IReadOnlyList<IPNetwork> Networks(string value) => [.. Words(value).Select(Network)];

    public static string RewriteTarget(string value) =>
        value.Length <= 512 && value.StartsWith('/') && IsVisible(value) ? value : throw new FormatException("must be a path that begins with /");

    public static string Location(string value)
    {
        var isPath = value.StartsWith('/') && !value.StartsWith("//", StringComparison.Ordinal);
        var isAddress = Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
        return value.Length <= 2_048 && IsVisible(value) && !value.Contains('$', StringComparison.Ordinal) && (isPath || isAddress)
            ? value
            : throw new FormatException("must be an http or https address, or a path, without variables");
    }

    public static string HeaderText(string value) =>
        value.Length is > 0 and <= MaxHeaderValue && value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0
            ? value
            : throw new FormatException($"must be printable ASCII, at most {MaxHeaderValue} characters");

    public static IReadOnlyList<string> HeaderNames(string value) =>
        [.. Words(value.Replace('\n', ',')).Select(HeaderName)];

    /// <summary>Lines of a name, a space and a value, which may stand in double quotes.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> HeaderLines(string value)
    {
        var lines = value.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length is 0 or > MaxListItems)
        {
            throw new FormatException($"must be 1 to {MaxListItems} lines of name and value");
        }

        return [.. lines.Select(HeaderLine)];
    }

    private static KeyValuePair<string, string> HeaderLine(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0)
        {
            throw new FormatException("must be lines of name and value");
        }

        var text = line[(space + 1)..].Trim();
        return new(HeaderName(line[..space]), HeaderText(text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text));
    }

    private static string HeaderName(string name) =>
        HeaderRules.IsToken(name) && !HeaderRules.IsFraming(name)
            ? name
            : throw new FormatException($"'{(name.Length > 64 ? name[..64] : name)}' is no header that may be changed");

    // Host bits behind the mask are allowed, as ingress-nginx allows them.
    private static IPNetwork Network(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            var bytes = address.GetAddressBytes();
            var length = bytes.Length * 8;
            if (slash < 0 || (int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= bytes.Length * 8))
            {
                for (var bit = length; bit < bytes.Length * 8; bit++)
                {
                    bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
                }

                return new IPNetwork(new IPAddress(bytes), length);
            }
        }

        throw new FormatException("must be addresses or ranges such as 10.0.0.0/8 with commas between");
    }

    private static bool IsVisible(string value) => value.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;
}
