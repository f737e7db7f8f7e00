using System.Globalization;

namespace Sealos.KubeControllers.Jobs;

/// <summary>A set of indexes, kept as intervals in ascending order; written <c>0,3-5,7</c>.</summary>
internal sealed class IndexSet
{
    private readonly List<(int First, int Last)> _intervals;

    private IndexSet(List<(int First, int Last)> intervals)
    {
        _intervals = intervals;
        Count = intervals.Sum(i => i.Last - i.First + 1);
    }

    public static IndexSet Empty { get; } = new([]);

    public int Count { get; }

    /// <summary>Reads what a status or a rule says; indexes from <paramref name="completions"/> on are left out, as are parts that cannot be read.</summary>
    public static IndexSet Parse(string? text, int completions)
    {
        var intervals = new List<(int First, int Last)>();
        foreach (var part in string.IsNullOrEmpty(text) ? [] : text.Split(','))
        {
            var ends = part.Split('-', 2);
            if (Number(ends[0]) is { } first && (ends.Length == 1 ? first : Number(ends[1])) is { } last && first <= last && first < completions)
            {
                intervals.Add((first, Math.Min(last, completions - 1)));
            }
        }

        return new IndexSet(Joined(intervals));
    }

    public static IndexSet Of(IEnumerable<int> indexes) => new(Joined(indexes.Select(i => (i, i))));

    public IndexSet Union(IndexSet other) =>
        other.Count == 0 ? this : Count == 0 ? other : new IndexSet(Joined(_intervals.Concat(other._intervals)));

    public bool Contains(int index)
    {
        var (low, high) = (0, _intervals.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_intervals[middle].Last < index)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _intervals.Count && _intervals[low].First <= index;
    }

    /// <summary>How many indexes are in both.</summary>
    public int CountShared(IndexSet other)
    {
        var shared = 0;
        for (int i = 0, j = 0; i < _intervals.Count && j < other._intervals.Count;)
        {
            var (a, b) = (_intervals[i], other._intervals[j]);
            shared += Math.Max(0, Math.Min(a.Last, b.Last) - Math.Max(a.First, b.First) + 1);
            _ = a.Last < b.Last ? i++ : j++;
        }

        return shared;
    }

    /// <summary>The lowest indexes below <paramref name="end"/> that are not in the set.</summary>
    public List<int> FirstMissing(int count, int end)
    {
        var missing = new List<int>();
        var candidate = 0;
        foreach (var (first, last) in _intervals)
        {
            for (; candidate < Math.Min(first, end) && missing.Count < count; candidate++)
            {
                missing.Add(candidate);
            }

            candidate = Math.Max(candidate, last + 1);
        }

        for (; candidate < end && missing.Count < count; candidate++)
        {
            missing.Add(candidate);
        }

        return missing;
    }

    public override string ToString() => string.Join(',', _intervals.Select(i => (i.Last - i.First) switch
    {
        0 => i.First.ToString(CultureInfo.InvariantCulture),
        1 => string.Create(CultureInfo.InvariantCulture, $"{i.First},{i.Last}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{i.First}-{i.Last}"),
    }));

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static List<(int First, int Last)> Joined(IEnumerable<(int First, int Last)> intervals)
    {
        var joined = new List<(int First, int Last)>();
        foreach (var interval in intervals.OrderBy(i => i.First))
        {
            if (joined.Count > 0 && interval.First <= joined[^1].Last + 1)
            {
                joined[^1] = (joined[^1].First, Math.Max(joined[^1].Last, interval.Last));
            }
            else
            {
                joined.Add(interval);
            }
        }

        return joined;
    }
}
