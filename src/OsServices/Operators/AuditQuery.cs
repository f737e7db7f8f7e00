using System.Globalization;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.Operators;

/// <summary>What is looked for among what was done in the cloud; all of what is said must hold.</summary>
public sealed record AuditQuery
{
    private const int LongestText = 200;

    /// <summary>The most entries of one answer.</summary>
    public const int MostEntries = 1000;

    /// <summary>Who did it, or whom they acted as: a user's name, or the whole name that the Kubernetes API knows.</summary>
    public string? User { get; init; }

    /// <summary>In which workspace, by its namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>What was done, such as <c>create</c>.</summary>
    public string? Verb { get; init; }

    /// <summary>To what, such as <c>deployments</c>.</summary>
    public string? Resource { get; init; }

    /// <summary>What stands anywhere in an entry, whatever its case.</summary>
    public string? Text { get; init; }

    /// <summary>Not before this.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Not after this.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>So many, the newest first.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Refuses what cannot be looked for.</summary>
    /// <exception cref="ServiceException">Something is too long, or nothing can be found.</exception>
    public AuditQuery Checked()
    {
        foreach (var (field, text) in new[] { ("user", User), ("workspace", Namespace), ("verb", Verb), ("resource", Resource), ("text", Text) })
        {
            if (text?.Length > LongestText)
            {
                throw ServiceException.Invalid(field, $"It may have {LongestText} characters.");
            }
        }

        if (Limit is < 1 or > MostEntries)
        {
            throw ServiceException.Invalid("limit", $"An answer has 1 to {MostEntries} entries.");
        }

        return Since > Until ? throw ServiceException.Invalid("since", "It must be before the end.") : this;
    }

    /// <summary>A moment as typed: a time such as 2026-11-22T12:00Z, or how long ago, such as 2h or 30d.</summary>
    public static DateTimeOffset? MomentOf(string? text, string field, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var unit = text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), _ => TimeSpan.Zero };
        if (unit > TimeSpan.Zero && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count * unit.TotalDays < 36500)
        {
            return now - (count * unit);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : throw ServiceException.Invalid(field, "It must be a time such as 2026-11-22T12:00Z, or how long ago, such as 2h or 30d.");
    }
}

/// <summary>Something that was done, or tried.</summary>
/// <param name="Time">When.</param>
/// <param name="User">By whom, as the Kubernetes API knows them.</param>
/// <param name="ActingAs">As whom, where not as themselves.</param>
/// <param name="Verb">What.</param>
/// <param name="Resource">To what kind, with its group and part.</param>
/// <param name="Namespace">Where.</param>
/// <param name="Name">To which.</param>
/// <param name="Code">The HTTP status it was answered with.</param>
/// <param name="Address">From where.</param>
/// <param name="Message">Why it was refused.</param>
public sealed record AuditEntry(
    DateTimeOffset Time, string User, string? ActingAs, string Verb, string Resource, string? Namespace, string? Name, int Code, string? Address, string? Message);

/// <summary>What was found.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="IsComplete">Whether all there is was looked at, or as many found as were asked for; not so when that took too long.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, bool IsComplete);

/// <summary>What was done in the cloud, where the API server's log of it can be read.</summary>
public interface IAuditLog
{
    /// <summary>Looks for entries, the newest first.</summary>
    Task<AuditPage> SearchAsync(AuditQuery query, CancellationToken ct);
}
