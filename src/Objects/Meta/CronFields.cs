using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Meta;

/// <summary>The five fields of a cron schedule, each a set of numbers.</summary>
internal sealed class CronFields
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private static readonly char[] Blanks = [' ', '\t', '\n', '\v', '\f', '\r'];

    private readonly Field _minutes;
    private readonly Field _hours;
    private readonly Field _days;
    private readonly Field _months;
    private readonly Field _weekdays;

    private CronFields(Field[] fields) => (_minutes, _hours, _days, _months, _weekdays) = (fields[0], fields[1], fields[2], fields[3], fields[4]);

    public static bool TryParse(string text, out CronFields? fields, [NotNullWhen(false)] out string? error)
    {
        fields = null;
        try
        {
            fields = Parse(text);
            error = null;
            return true;
        }
        catch (FormatException e)
        {
            error = e.Message;
            return false;
        }
    }

    public bool HasMinute(int minute) => _minutes.Has(minute);

    public bool HasHour(int hour) => _hours.Has(hour);

    public bool HasMonth(int month) => _months.Has(month);

    /// <summary>Day and weekday both count unless each names some: then either will do.</summary>
    public bool HasDay(DateTime date)
    {
        var (isDay, isWeekday) = (_days.Has(date.Day), _weekdays.Has((int)date.DayOfWeek));
        return _days.IsAny || _weekdays.IsAny ? isDay && isWeekday : isDay || isWeekday;
    }

    private static CronFields Parse(string text)
    {
        var written = Spelled(text);
        var parts = written.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 5)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"expected exactly 5 fields, found {parts.Length}: [{string.Join(' ', parts)}]"));
        }

        return new CronFields(
        [
            ReadField(parts[0], new Range(0, 59, [])),
            ReadField(parts[1], new Range(0, 23, [])),
            ReadField(parts[2], new Range(1, 31, [])),
            ReadField(parts[3], new Range(1, 12, Months)),
            ReadField(parts[4], new Range(0, 6, Weekdays)),
        ]);
    }

    private static string Spelled(string text) => !text.StartsWith('@') ? text : text switch
    {
        "@yearly" or "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" or "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => throw new FormatException($"unrecognized descriptor: {text}"),
    };

    private static Field ReadField(string text, Range range)
    {
        var field = default(Field);
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var one = ReadItem(item, range);
            field = new Field(field.Bits | one.Bits, field.IsAny || one.IsAny);
        }

        return field;
    }

    private static Field ReadItem(string item, Range range)
    {
        var halves = item.Split('/');
        var ends = halves[0].Split('-');
        var isStar = ends[0] is "*" or "?";
        var (start, end) = isStar ? (range.Min, range.Max) : Ends(item, ends, range);
        var step = 1;
        if (halves.Length > 2)
        {
            throw new FormatException($"too many slashes: {item}");
        }

        if (halves.Length == 2)
        {
            step = Number(halves[1]);
            end = ends.Length == 1 ? range.Max : end;
        }

        Check(item, (start, end, step), range);
        ulong bits = 0;
        for (long i = start; i <= end; i += step)
        {
            bits |= 1UL << (int)i;
        }

        return new Field(bits, isStar && step == 1);
    }

    private static (int Start, int End) Ends(string item, string[] ends, Range range)
    {
        var start = NumberOrName(ends[0], range);
        return ends.Length switch
        {
            1 => (start, start),
            2 => (start, NumberOrName(ends[1], range)),
            _ => throw new FormatException($"too many hyphens: {item}"),
        };
    }

    private static void Check(string item, (int Start, int End, int Step) given, Range range)
    {
        var (start, end, step) = given;
        var wrong = (start < range.Min, end > range.Max, start > end, step == 0) switch
        {
            (true, _, _, _) => string.Create(CultureInfo.InvariantCulture, $"beginning of range ({start}) below minimum ({range.Min}): {item}"),
            (_, true, _, _) => string.Create(CultureInfo.InvariantCulture, $"end of range ({end}) above maximum ({range.Max}): {item}"),
            (_, _, true, _) => string.Create(CultureInfo.InvariantCulture, $"beginning of range ({start}) beyond end of range ({end}): {item}"),
            (_, _, _, true) => $"step of range should be a positive number: {item}",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new FormatException(wrong);
        }
    }

    private static int NumberOrName(string text, Range range)
    {
        var named = Array.FindIndex(range.Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        return named >= 0 ? named + range.Min : Number(text);
    }

    private static int Number(string text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            var isNumber = text.AsSpan().TrimStart("+-") is { Length: > 0 } digits && !digits.ContainsAnyExceptInRange('0', '9');
            throw new FormatException($"failed to parse int from {text}: strconv.Atoi: parsing {GoString.Quote(text)}: {(isNumber ? "value out of range" : "invalid syntax")}");
        }

        return number < 0
            ? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"negative number ({number}) not allowed: {text}"))
            : (int)Math.Min(number, int.MaxValue);
    }

    private readonly record struct Range(int Min, int Max, string[] Names);

    private readonly record struct Field(ulong Bits, bool IsAny)
    {
        public bool Has(int value) => (Bits & (1UL << value)) != 0;
    }
}
