using System.Globalization;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Lists of indexes as jobs write them: <c>0,3-5,7</c>.</summary>
internal static class IndexListRules
{
    /// <summary>How many indexes a list names; what is wrong with it otherwise.</summary>
    public static (long Total, string? Error) Measure(string text, long completions)
    {
        if (text.Length == 0)
        {
            return (0, null);
        }

        long? last = null;
        long total = 0;
        foreach (var part in text.Split(','))
        {
            var (first, end, error) = Interval(part, completions);
            if (error is null && last >= first)
            {
                error = string.Create(CultureInfo.InvariantCulture, $"non-increasing order, previous: {last}, current: {first}");
            }

            if (error is not null)
            {
                return (0, error);
            }

            total += end - first + 1;
            last = end;
        }

        return (total, null);
    }

    /// <summary>The first index that two lists share, or null; parts that cannot be read are left out.</summary>
    public static long? Overlap(string left, string right, long completions)
    {
        var (lefts, rights) = (Intervals(left, completions), Intervals(right, completions));
        for (int i = 0, j = 0; i < lefts.Count && j < rights.Count;)
        {
            var (a, b) = (lefts[i], rights[j]);
            if (a.First <= b.Last && b.First <= a.Last)
            {
                return Math.Max(a.First, b.First);
            }

            _ = a.First <= b.First ? i++ : j++;
        }

        return null;
    }

    private static List<(long First, long Last)> Intervals(string text, long completions) =>
        text.Length == 0 ? [] : [.. text.Split(',').Select(part => Interval(part, completions)).Where(i => i.Error is null).Select(i => (i.First, i.Last))];

    private static (long First, long Last, string? Error) Interval(string part, long completions)
    {
        var ends = part.Split('-');
        if (ends.Length > 2)
        {
            return (0, 0, $"the fragment {GoString.Quote(part)} violates the requirement that an index interval can have at most two parts separated by '-'");
        }

        Span<long> numbers = [0, 0];
        for (var i = 0; i < ends.Length; i++)
        {
            if (!int.TryParse(ends[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return (0, 0, $"cannot convert string to integer for index: {GoString.Quote(ends[i])}");
            }

            if (number >= completions)
            {
                return (0, 0, $"too large index: {GoString.Quote(ends[i])}");
            }

            numbers[i] = number;
        }

        if (ends.Length == 1)
        {
            return (numbers[0], numbers[0], null);
        }

        return numbers[0] < numbers[1]
            ? (numbers[0], numbers[1], null)
            : (0, 0, string.Create(CultureInfo.InvariantCulture, $"non-increasing order, previous: {numbers[0]}, current: {numbers[1]}"));
    }
}
