using System.Globalization;

namespace Sealos.Desktop.Controls;

/// <summary>How long ago something was, in the largest unit that fits.</summary>
internal static class Ages
{
    public static string Words(TimeSpan age) => age switch
    {
        { TotalSeconds: < 10 } => "just now",
        { TotalMinutes: < 1 } => Say(age.TotalSeconds, "second"),
        { TotalHours: < 1 } => Say(age.TotalMinutes, "minute"),
        { TotalDays: < 1 } => Say(age.TotalHours, "hour"),
        { TotalDays: < 60 } => Say(age.TotalDays, "day"),
        _ => Say(age.TotalDays / 30.4, "month"),
    };

    private static string Say(double number, string unit)
    {
        var whole = (long)number;
        return string.Create(CultureInfo.InvariantCulture, $"{whole} {unit}{(whole == 1 ? "" : "s")} ago");
    }
}
