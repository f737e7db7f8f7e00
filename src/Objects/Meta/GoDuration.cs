using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Meta;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>1.5s</c>, <c>-200ms</c>.</summary>
internal static class GoDuration
{
    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10m), ("µs", 10m), ("μs", 10m), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    // What fits into a signed 64-bit count of nanoseconds.
    private const decimal LongestTicks = long.MaxValue / 100m;

    public static bool TryParse(string text, out TimeSpan duration, [NotNullWhen(false)] out string? error)
    {
        duration = default;
        error = $"time: invalid duration {GoString.Quote(text)}";
        var isNegative = text.StartsWith('-');
        var rest = text.AsSpan(isNegative || text.StartsWith('+') ? 1 : 0);
        decimal ticks = 0;
        while (rest is not "0" || ticks > 0)
        {
            var digits = Until(rest, isUnit: false);
            var unit = Until(rest[digits..], isUnit: true);
            if (!decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || amount > LongestTicks)
            {
                return false;
            }

            var name = rest.Slice(digits, unit).ToString();
            var known = Array.Find(Units, u => u.Unit == name);
            if (known.Unit is null)
            {
                var problem = unit == 0 ? "missing unit" : $"unknown unit {GoString.Quote(name)}";
                error = $"time: {problem} in duration {GoString.Quote(text)}";
                return false;
            }

            ticks += amount > LongestTicks / known.Ticks ? LongestTicks : amount * known.Ticks;
            rest = rest[(digits + unit)..];
            if (ticks >= LongestTicks)
            {
                return false;
            }

            if (rest.Length == 0)
            {
                break;
            }
        }

        duration = TimeSpan.FromTicks((long)(isNegative ? -ticks : ticks));
        error = null;
        return true;
    }

    private static int Until(ReadOnlySpan<char> text, bool isUnit)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.') != isUnit)
        {
            length++;
        }

        return length;
    }
}
