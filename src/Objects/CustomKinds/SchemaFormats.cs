using System.Buffers.Text;
using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>The formats of values that Kubernetes knows; others are no condition at all.</summary>
internal static partial class SchemaFormats
{
    private static readonly FrozenDictionary<string, Func<string, bool>> Texts = new Dictionary<string, Func<string, bool>>(StringComparer.Ordinal)
    {
        ["bsonobjectid"] = t => BsonRegex().IsMatch(t),
        ["uri"] = IsUri,
        ["email"] = t => System.Net.Mail.MailAddress.TryCreate(t, out _),
        ["hostname"] = t => t.Length <= 255 && HostRegex().IsMatch(t),
        ["ipv4"] = t => NameRules.IsIp(t) && IPAddress.Parse(t).AddressFamily == AddressFamily.InterNetwork,
        ["ipv6"] = t => NameRules.IsIp(t) && IPAddress.Parse(t).AddressFamily == AddressFamily.InterNetworkV6,
        ["cidr"] = IsCidr,
        ["mac"] = t => MacRegex().IsMatch(t),
        ["uuid"] = t => UuidRegex().IsMatch(t),
        ["uuid3"] = t => UuidRegex().IsMatch(t) && Digits(t)[12] == '3',
        ["uuid4"] = t => UuidRegex().IsMatch(t) && Digits(t)[12] == '4' && "89abAB".Contains(Digits(t)[16], StringComparison.Ordinal),
        ["uuid5"] = t => UuidRegex().IsMatch(t) && Digits(t)[12] == '5' && "89abAB".Contains(Digits(t)[16], StringComparison.Ordinal),
        ["isbn"] = t => IsIsbn10(t) || IsIsbn13(t),
        ["isbn10"] = IsIsbn10,
        ["isbn13"] = IsIsbn13,
        ["creditcard"] = IsCreditCard,
        ["ssn"] = t => SsnRegex().IsMatch(t),
        ["hexcolor"] = t => HexColorRegex().IsMatch(t),
        ["rgbcolor"] = t => RgbColorRegex().IsMatch(t),
        ["byte"] = t => Base64.IsValid(t) && t.Length % 4 == 0,
        ["password"] = _ => true,
        ["date"] = t => DateOnly.TryParseExact(t, "yyyy-MM-dd", out _),
        ["duration"] = t => DurationRegex().IsMatch(t) && t.Length > 0,
        ["datetime"] = t => DateTimeRegex().IsMatch(t),
    }.ToFrozenDictionary();

    /// <summary>The format when it is known for the type, else empty.</summary>
    public static string Known(string type, string? format) => format switch
    {
        null or "" => "",
        "int32" or "int64" when type == "integer" => format,
        "float" or "double" when type == "number" => format,
        _ => type is "" or "string" && Texts.ContainsKey(Normalize(format)) ? format : "",
    };

    /// <summary>Whether a text is of a known format.</summary>
    public static bool Matches(string format, string text) => !Texts.TryGetValue(Normalize(format), out var rule) || rule(text);

    private static string Normalize(string format) => format.Replace("-", "", StringComparison.Ordinal);

    private static string Digits(string uuid) => uuid.Replace("-", "", StringComparison.Ordinal);

    private static bool IsUri(string text) => text.StartsWith('/') || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && SchemeRegex().IsMatch(text) && uri.IsAbsoluteUri);

    private static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && NameRules.IsIp(text[..slash]) && byte.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var bits)
            && bits <= (text.Contains(':', StringComparison.Ordinal) ? 128 : 32);
    }

    private static bool IsIsbn10(string text)
    {
        var digits = Plain(text);
        return digits.Length == 10 && digits.Select((c, i) => (10 - i) * (c is 'X' or 'x' && i == 9 ? 10 : char.IsAsciiDigit(c) ? c - '0' : 1000)).Sum() is < 1000 and var sum && sum % 11 == 0;
    }

    private static bool IsIsbn13(string text)
    {
        var digits = Plain(text);
        return digits.Length == 13 && digits.All(char.IsAsciiDigit) && digits.Select((c, i) => (c - '0') * (i % 2 == 0 ? 1 : 3)).Sum() % 10 == 0;
    }

    private static bool IsCreditCard(string text)
    {
        var digits = NotDigitRegex().Replace(text, "");
        return CardRegex().IsMatch(digits)
            && digits.Reverse().Select((c, i) => i % 2 == 0 ? c - '0' : (c - '0') * 2 is > 9 and var twice ? twice - 9 : (c - '0') * 2).Sum() % 10 == 0;
    }

    private static string Plain(string text) => text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

    [GeneratedRegex("^[0-9a-fA-F]{24}\\z")]
    private static partial Regex BsonRegex();

    [GeneratedRegex("^([a-zA-Z0-9\\p{L}]((-?[a-zA-Z0-9\\p{L}]{0,62})?)|[a-zA-Z0-9\\p{L}](([a-zA-Z0-9-\\p{L}]{0,61}[a-zA-Z0-9\\p{L}])?)(\\.)){1,}(\\.[a-zA-Z\\p{L}]){0,62}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex HostRegex();

    [GeneratedRegex("^([0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}([:-][0-9a-fA-F]{2}){0,2}|([0-9a-fA-F]{4}\\.){2,3}[0-9a-fA-F]{4})\\z")]
    private static partial Regex MacRegex();

    [GeneratedRegex("^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\\z")]
    private static partial Regex UuidRegex();

    [GeneratedRegex("^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}\\z")]
    private static partial Regex SsnRegex();

    [GeneratedRegex("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\\z")]
    private static partial Regex HexColorRegex();

    [GeneratedRegex("^rgb\\(\\s*(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\s*,\\s*(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\s*,\\s*(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\s*\\)\\z")]
    private static partial Regex RgbColorRegex();

    [GeneratedRegex("^([-+]?(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+|0|[0-9]+\\s*(ns|us|µs|ms|s|m|h|d|w|nanoseconds?|nanos?|microseconds?|micros?|milliseconds?|millis?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?))\\z", RegexOptions.NonBacktracking)]
    private static partial Regex DurationRegex();

    [GeneratedRegex("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.,][0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?\\z")]
    private static partial Regex DateTimeRegex();

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9+.-]*:")]
    private static partial Regex SchemeRegex();

    [GeneratedRegex("[^0-9]+")]
    private static partial Regex NotDigitRegex();

    [GeneratedRegex("^(4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11})\\z")]
    private static partial Regex CardRegex();
}
