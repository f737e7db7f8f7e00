using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces;

/// <summary>Names, roles and durations as people type them. Pure.</summary>
internal static class WorkspaceRules
{
    private const int LongestName = 60;
    private const int IdLength = 8;
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const string LettersAndDigits = Letters + "0123456789";

    /// <summary>The lesser of two roles; null when one is none.</summary>
    public static string? Lesser(string? a, string? b) => UserRoles.Rank(a) == 0 || UserRoles.Rank(b) == 0 ? null : UserRoles.Rank(a) < UserRoles.Rank(b) ? a : b;

    /// <summary>A role as typed, in whatever case.</summary>
    public static string RoleOf(string? text) => UserRoles.Names.FirstOrDefault(r => r.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? throw ServiceException.Invalid("role", "The role must be Owner, Manager or Developer.");

    /// <summary>A name that people read: whatever they like, on one line.</summary>
    public static string NameOf(string? text)
    {
        var name = text?.Trim() ?? "";
        return name.Length is 0 or > LongestName || name.EnumerateRunes().Any(IsUnreadable)
            ? throw ServiceException.Invalid("name", $"The name must have 1 to {LongestName} characters that can be read.")
            : name;
    }

    /// <summary>The name of a user as typed.</summary>
    public static string UserOf(string? text) => text is not null && UserNames.IsValid(text)
        ? text
        : throw ServiceException.Invalid("user", "A user's name has lower-case letters, digits and hyphens, a letter first.");

    /// <summary>A workspace's id, or its namespace, as typed.</summary>
    public static string IdOf(string? text)
    {
        var id = UsersObjects.UserOf(text) ?? text;
        return id is not null && UserNames.IsValid(id) ? id : throw NoWorkspace(text);
    }

    public static ServiceException NoWorkspace(string? id) => ServiceException.NotFound($"There is no workspace '{Shown(id)}', or you are not a member of it.");

    /// <summary>A duration as typed, such as <c>12h</c> or <c>30d</c>.</summary>
    public static TimeSpan DurationOf(string? text, TimeSpan usual, TimeSpan most)
    {
        if (string.IsNullOrEmpty(text))
        {
            return usual;
        }

        var unit = text[^1] switch { 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), _ => TimeSpan.Zero };
        return unit > TimeSpan.Zero && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count * unit.TotalMinutes is >= 10 and var minutes && minutes <= most.TotalMinutes
            ? count * unit
            : throw ServiceException.Invalid("expiresIn", $"It must hold from 10m to {most.TotalDays:0}d: a number and m, h or d, such as 12h or 30d.");
    }

    /// <summary>The id of a new team: a letter, then letters and digits.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(Letters, 1) + NewSuffix(IdLength - 1);

    public static string NewSuffix(int length) => RandomNumberGenerator.GetString(LettersAndDigits, length);

    private static string Shown(string? text) => text is { Length: <= 63 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? text : "…";

    /// <summary>Whether a text is one line that is what it looks like.</summary>
    public static bool IsReadable(string text) => !text.EnumerateRunes().Any(IsUnreadable);

    // Control characters, and those that change the direction or the look of what stands around them.
    private static bool IsUnreadable(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
