using System.Globalization;

namespace Sealos.Objects.Serialization;

/// <summary>Times as Kubernetes writes them: UTC with whole seconds, or with six digits after them.</summary>
public static class KubeTime
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Whole seconds: <c>2026-11-22T02:49:33Z</c>.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Microseconds: <c>2026-11-22T02:49:33.123456Z</c>.</summary>
    public static string FormatMicro(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads RFC 3339, which always names the zone.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null || text.Length < 20 || !(text[^1] == 'Z' || text[^6] is '+' or '-'))
        {
            return false;
        }

        var trimmed = TrimFraction(text);
        return DateTimeOffset.TryParseExact(trimmed, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    /// <summary>Go accepts nine digits after the seconds, .NET seven.</summary>
    private static string TrimFraction(string text)
    {
        if (text[19] != '.')
        {
            return text;
        }

        var end = 20;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end <= 27 ? text : text[..27] + text[end..];
    }
}
