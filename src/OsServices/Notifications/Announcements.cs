using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.Notifications;

/// <summary>Asks for an announcement.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Title">In a few words; the text's beginning where it is left out.</param>
/// <param name="Severity"><c>low</c>, <c>medium</c> or <c>high</c>.</param>
/// <param name="Until">Until when it is shown.</param>
/// <param name="To"><c>all</c>, <c>user/NAME</c> or <c>workspace/ID</c>.</param>
public sealed record AnnouncementRequest(string? Text, string? Title = null, string? Severity = null, DateTimeOffset? Until = null, string? To = null);

/// <summary>What an operator tells people.</summary>
public sealed class Announcements(KubeClient client, TimeProvider time)
{
    private const int LongestText = 2000;
    private const int LongestTitle = 100;
    private const string ToUser = "user/";
    private const string ToWorkspace = "workspace/";

    /// <summary>Tells whom it is for; answers the message's id.</summary>
    public async Task<string> AnnounceAsync(AnnouncementRequest wanted, CancellationToken ct)
    {
        var message = Read(wanted);
        var writer = new NotificationWriter(client, time);
        var to = wanted.To is { Length: > 0 } text ? text : "all";
        if (to == "all")
        {
            return (await writer.ToEverybodyAsync(message, ct).ConfigureAwait(false)).Metadata.Name!;
        }

        var isUser = to.StartsWith(ToUser, StringComparison.Ordinal);
        if (!isUser && !to.StartsWith(ToWorkspace, StringComparison.Ordinal))
        {
            throw ServiceException.Invalid("to", "It goes to all, user/NAME or workspace/ID.");
        }

        var name = isUser ? to[ToUser.Length..] : UsersObjects.UserOf(to[ToWorkspace.Length..]) ?? to[ToWorkspace.Length..];
        var found = UserNames.IsValid(name) ? await client.FindAsync<User>(null, name, ct).ConfigureAwait(false) : null;
        if (found is null || (isUser && found.IsTeam()))
        {
            throw ServiceException.NotFound(isUser ? "There is no such user." : "There is no such workspace.");
        }

        return (await writer.ToUserAsync(name, message, ct).ConfigureAwait(false)).Metadata.Name!;
    }

    /// <summary>Takes an announcement to everybody back.</summary>
    public async Task WithdrawAsync(string id, CancellationToken ct)
    {
        var found = UserNames.IsValid(id) ? await client.FindAsync<Notification>(NotificationWriter.EverybodysNamespace, id, ct).ConfigureAwait(false) : null;
        if (found is null || !await client.DeleteExactlyAsync(found, null, ct).ConfigureAwait(false))
        {
            throw ServiceException.NotFound("There is no such announcement.");
        }
    }

    private Message Read(AnnouncementRequest wanted)
    {
        var text = wanted.Text?.Trim() ?? "";
        if (text.Length is 0 or > LongestText || !WorkspaceRules.IsReadable(text.Replace("\n", "", StringComparison.Ordinal)))
        {
            throw ServiceException.Invalid("text", $"Say it in 1 to {LongestText} characters that can be read.");
        }

        var title = wanted.Title?.Trim() ?? Beginning(text);
        if (title.Length is 0 or > LongestTitle || !WorkspaceRules.IsReadable(title))
        {
            throw ServiceException.Invalid("title", $"A title has 1 to {LongestTitle} characters on one line.");
        }

        if (wanted.Until <= time.GetUtcNow())
        {
            throw ServiceException.Invalid("until", "It must end in the future.");
        }

        return new Message(title, text, SeverityOf(wanted.Severity), wanted.Until);
    }

    private static Severity SeverityOf(string? text) => text?.ToUpperInvariant() switch
    {
        null or "" or "MEDIUM" => Severity.Medium,
        "LOW" => Severity.Low,
        "HIGH" => Severity.High,
        _ => throw ServiceException.Invalid("severity", "It must be low, medium or high."),
    };

    private static string Beginning(string text)
    {
        var line = text.Split('\n')[0];
        return line.Length <= LongestTitle ? line : line[..(LongestTitle - 1)] + "…";
    }
}
