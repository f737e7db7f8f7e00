using System.Text;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.Operators;

/// <summary>Which users or workspaces, in which order, and how many of them.</summary>
internal sealed class OperatorQuery
{
    private const int LongestText = 100;
    private const int Most = 500;
    private const char Between = '\u001f';

    private readonly string? _search;
    private readonly string? _state;
    private readonly Func<OperatorRow, string> _key;
    private readonly bool _isDescending;
    private readonly int _limit;
    private readonly (string Key, string Name)? _after;

    private OperatorQuery(string? search, string? state, string? sort, string? after, int? limit)
    {
        _search = string.IsNullOrWhiteSpace(search) ? null : search.Trim();
        _state = string.IsNullOrEmpty(state) ? null : state;
        _isDescending = sort is ['-', ..];
        _key = (sort ?? "").TrimStart('-') switch
        {
            "" or "name" => r => r.Name,
            "displayName" => r => r.DisplayName.ToUpperInvariant(),
            "owner" => r => r.Owner,
            "created" => r => r.Created.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            _ => throw ServiceException.Invalid("sort", "The order must be name, displayName, owner or created, with a minus before it for the last first."),
        };
        _limit = limit ?? 50;
        if (_search?.Length > LongestText)
        {
            throw ServiceException.Invalid("search", $"The text may have {LongestText} characters.");
        }

        if (_limit is < 1 or > Most)
        {
            throw ServiceException.Invalid("limit", $"A page has 1 to {Most} of them.");
        }

        _after = string.IsNullOrEmpty(after) ? null : Read(after);
    }

    public static OperatorQuery Of(ListParameters p) => new(p.Search, p.State, p.Sort, p.Continue, p.Limit);

    /// <summary>
    /// The page of these rows: one look at each of them and a heap of the page's size, so its cost is in proportion to how many there are
    /// and nothing has to be kept sorted.
    /// </summary>
    public Page<T> Pick<T>(IEnumerable<OperatorRow> rows, Func<OperatorRow, string> state, Func<OperatorRow, T> view)
    {
        var order = Comparer<(string Key, string Name)>.Create((a, b) => _isDescending ? Compare(b, a) : Compare(a, b));
        var kept = new PriorityQueue<OperatorRow, (string, string)>(_limit + 2, Comparer<(string, string)>.Create((a, b) => order.Compare(b, a)));
        var total = 0;
        foreach (var row in rows)
        {
            if ((_state is not null && state(row) != _state) || (_search is not null && !row.Holds(_search)))
            {
                continue;
            }

            total++;
            var key = (_key(row), row.Name);
            if (_after is { } after && order.Compare(key, after) <= 0)
            {
                continue;
            }

            if (kept.Count <= _limit)
            {
                kept.Enqueue(row, key);
            }
            else
            {
                kept.EnqueueDequeue(row, key);
            }
        }

        var isMore = kept.Count > _limit;
        if (isMore)
        {
            kept.Dequeue();
        }

        var page = new OperatorRow[kept.Count];
        for (var i = page.Length - 1; i >= 0; i--)
        {
            page[i] = kept.Dequeue();
        }

        return new Page<T>([.. page.Select(view)], total, isMore ? Write(_key(page[^1]), page[^1].Name) : null);
    }

    private static int Compare((string Key, string Name) a, (string Key, string Name) b) =>
        string.CompareOrdinal(a.Key, b.Key) is var order and not 0 ? order : string.CompareOrdinal(a.Name, b.Name);

    private static string Write(string key, string name) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"{key}{Between}{name}"));

    private static (string, string) Read(string text)
    {
        try
        {
            if (text.Length <= 2048 && Encoding.UTF8.GetString(Convert.FromHexString(text)).Split(Between) is [var key, var name])
            {
                return (key, name);
            }
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw ServiceException.Invalid("continue", "This is not the place where a page ended; begin anew.");
    }
}
