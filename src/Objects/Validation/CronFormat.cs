using System.Globalization;

namespace Sealos.Objects.Validation;

/// <summary>The form of a cron schedule: five fields, or a word such as <c>@daily</c>.</summary>
internal static class CronFormat
{
    private static readonly string[] Words = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>What is wrong with a schedule, or null.</summary>
    public static string? Explain(string schedule)
    {
        if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        }

        if (schedule.StartsWith('@'))
        {
            return Words.Contains(schedule) || schedule.StartsWith("@every ", StringComparison.Ordinal) ? null : $"unrecognized descriptor: {schedule}";
        }

        var fields = schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
        {
            return string.Create(CultureInfo.InvariantCulture, $"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]");
        }

        return Field(fields[0], 0, 59, []) ?? Field(fields[1], 0, 23, []) ?? Field(fields[2], 1, 31, []) ?? Field(fields[3], 1, 12, Months) ?? Field(fields[4], 0, 6, Days);
    }

    private static string? Field(string field, int min, int max, string[] names)
    {
        foreach (var item in field.Split(','))
        {
            var halves = item.Split('/');
            if (halves.Length > 2 || (halves.Length == 2 && !(int.TryParse(halves[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0)))
            {
                return $"failed to parse step in {item}";
            }

            if (halves[0] is "*" or "?")
            {
                continue;
            }

            var ends = halves[0].Split('-');
            var numbers = ends.Select(e => Number(e, min, names)).ToList();
            if (ends.Length > 2 || numbers.Contains(null))
            {
                return $"failed to parse int from {halves[0]}";
            }

            if (numbers.Exists(n => n < min || n > max) || numbers[0] > numbers[^1])
            {
                return string.Create(CultureInfo.InvariantCulture, $"{item} is outside the range {min} to {max}");
            }
        }

        return null;
    }

    private static int? Number(string text, int min, string[] names)
    {
        var named = System.Array.FindIndex(names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        return named >= 0 ? named + (min == 1 ? 1 : 0) : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
