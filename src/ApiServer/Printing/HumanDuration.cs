using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>Durations for people: the two largest units while they matter.</summary>
internal static class HumanDuration
{
    /// <summary>What stands where no time is known.</summary>
    public const string Unknown = "<unknown>";

    /// <summary>How long ago a time of an object was.</summary>
    public static string Since(JsonNode? time, DateTimeOffset now) =>
        KubeTime.TryParse(time.AsText(), out var then) ? Format(now - then) : Unknown;

    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1)
        {
            return "<invalid>";
        }

        if (seconds < 0)
        {
            return "0s";
        }

        var (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        if (seconds < 120)
        {
            return Join(seconds, "s", 0, "");
        }

        return minutes switch
        {
            < 10 => Join(minutes, "m", seconds % 60, "s"),
            < 180 => Join(minutes, "m", 0, ""),
            < 8 * 60 => Join(hours, "h", minutes % 60, "m"),
            < 48 * 60 => Join(hours, "h", 0, ""),
            < 8 * 1440 => Join(days, "d", hours % 24, "h"),
            < 2 * 365 * 1440 => Join(days, "d", 0, ""),
            < 8 * 365 * 1440 => Join(days / 365, "y", days % 365, "d"),
            _ => Join(days / 365, "y", 0, ""),
        };
    }

    private static string Join(long large, string unit, long small, string smallUnit) => small == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{large}{unit}")
        : string.Create(CultureInfo.InvariantCulture, $"{large}{unit}{small}{smallUnit}");
}
