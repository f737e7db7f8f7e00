using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealos.Objects.Serialization;

/// <summary>What an unquoted YAML scalar means. YAML 1.1, as every Kubernetes tool reads it: <c>yes</c>, <c>on</c> and <c>y</c> are booleans.</summary>
internal static class YamlScalars
{
    private static readonly HashSet<string> Nulls = new(StringComparer.Ordinal) { "", "~", "null", "Null", "NULL" };
    private static readonly HashSet<string> Trues = new(StringComparer.Ordinal) { "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" };
    private static readonly HashSet<string> Falses = new(StringComparer.Ordinal) { "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" };

    /// <summary>The JSON value of a plain scalar.</summary>
    public static JsonNode? Resolve(string text)
    {
        if (Nulls.Contains(text))
        {
            return null;
        }

        if (Trues.Contains(text))
        {
            return JsonValue.Create(true);
        }

        if (Falses.Contains(text))
        {
            return JsonValue.Create(false);
        }

        return ResolveNumber(text) ?? JsonValue.Create(text);
    }

    /// <summary>Whether a string would be read as something else if it were written without quotes.</summary>
    public static bool NeedsQuotes(string text) =>
        Resolve(text).AsText() is null || text is "=" or "<<" || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]) || LooksLikeTime(text);

    private static JsonValue? ResolveNumber(string text)
    {
        if (!(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
        {
            return null;
        }

        var plain = text.Contains('_', StringComparison.Ordinal) ? text.Replace("_", "", StringComparison.Ordinal) : text;
        return ResolveInteger(plain) ?? ResolveFloat(plain);
    }

    private static JsonValue? ResolveInteger(string text)
    {
        var isNegative = text[0] == '-';
        var digits = text[0] is '-' or '+' ? text[1..] : text;
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]))
        {
            return null;
        }

        var (radix, body) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, digits[2..]),
            ['0', 'o', ..] => (8, digits[2..]),
            ['0', 'b', ..] => (2, digits[2..]),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        return TryParse(body, radix, out var value)
            ? JsonValue.Create(isNegative ? -value : value)
            : null;
    }

    private static bool TryParse(string digits, int radix, out long value)
    {
        value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix || value > (long.MaxValue - digit) / radix)
            {
                return false;
            }

            value = (value * radix) + digit;
        }

        return digits.Length > 0;
    }

    private static JsonValue? ResolveFloat(string text)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? JsonValue.Create(value) : null;
    }

    /// <summary>Readers that know timestamps turn <c>2026-01-31</c> into a date unless it is quoted.</summary>
    private static bool LooksLikeTime(string text) => text.Length >= 8 && char.IsAsciiDigit(text[0]) && text.AsSpan(0, 5).Contains('-')
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
