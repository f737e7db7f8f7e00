using System.Globalization;

namespace Sealos.Cli.Output;

/// <summary>Durations and sizes as people read them.</summary>
internal static class Ages
{
    /// <summary>Such as <c>45s</c>, <c>12m</c>, <c>3h</c> or <c>5d</c>.</summary>
    public static string Short(TimeSpan age) => age switch
    {
        { TotalSeconds: < 120 } => $"{(int)Math.Max(0, age.TotalSeconds)}s",
        { TotalMinutes: < 120 } => $"{(int)age.TotalMinutes}m",
        { TotalHours: < 48 } => $"{(int)age.TotalHours}h",
        _ => $"{(int)age.TotalDays}d",
    };

    /// <summary>Such as <c>123 MiB</c>.</summary>
    public static string Size(long bytes) => bytes < 10 * 1024 * 1024
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB");
}
