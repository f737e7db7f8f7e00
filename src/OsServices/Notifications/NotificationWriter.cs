using System.Security.Cryptography;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Notifications;

/// <summary>How much a message matters; Sealos's importance.</summary>
public enum Severity
{
    /// <summary>Good to know.</summary>
    Low,

    /// <summary>Somebody will want to know.</summary>
    Medium,

    /// <summary>Something is to be done; the desktop shows it by itself.</summary>
    High,
}

/// <summary>A message to people.</summary>
/// <param name="Title">In a few words.</param>
/// <param name="Text">In full.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Until">Until when it is shown; null for ever.</param>
public sealed record Message(string Title, string Text, Severity Severity = Severity.Medium, DateTimeOffset? Until = null);

/// <summary>Writes messages: to a person, to a workspace, or one to everybody. Needs the right to write Notifications.</summary>
public sealed class NotificationWriter(KubeClient client, TimeProvider time)
{
    /// <summary>Where messages to everybody are.</summary>
    public const string EverybodysNamespace = "sealos";

    /// <summary>So many are kept in a workspace, and of announcements; of more the oldest go.</summary>
    public const int Most = 100;

    private const string From = "Sealos";

    /// <summary>Tells a person.</summary>
    public Task<Notification> ToUserAsync(string user, Message message, CancellationToken ct) => ToWorkspaceAsync(UserDirectory.WorkspaceOf(user), message, ct);

    /// <summary>Tells everybody in a workspace.</summary>
    public async Task<Notification> ToWorkspaceAsync(string ns, Message message, CancellationToken ct)
    {
        var made = await client.CreateAsync(Build(ns, message, time.GetUtcNow()), ct).ConfigureAwait(false);
        await TrimAsync(ns, ct).ConfigureAwait(false);
        return made;
    }

    /// <summary>Tells everybody there is, with one object.</summary>
    public async Task<Notification> ToEverybodyAsync(Message message, CancellationToken ct)
    {
        await client.TryCreateAsync(new Namespace { Metadata = new ObjectMeta { Name = EverybodysNamespace } }, ct).ConfigureAwait(false);
        return await ToWorkspaceAsync(EverybodysNamespace, message, ct).ConfigureAwait(false);
    }

    internal static Notification Build(string ns, Message message, DateTimeOffset now) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = "note-" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 12),
            Namespace = ns,
            Labels = new Dictionary<string, string> { [Notification.ReadLabel] = "false" },
        },
        Spec = new NotificationSpec
        {
            Title = message.Title,
            Message = message.Text,
            From = From,
            Importance = message.Severity.ToString(),
            DesktopPopup = message.Severity == Severity.High,
            Timestamp = now.ToUnixTimeSeconds(),
            EndTime = message.Until,
        },
    };

    private async Task TrimAsync(string ns, CancellationToken ct)
    {
        var all = await client.ListAsync<Notification>(ns, null, ct).ConfigureAwait(false);
        foreach (var old in all.Items.OrderByDescending(n => n.Spec?.Timestamp ?? 0).Skip(Most))
        {
            old.Metadata.Namespace ??= ns;
            await client.DeleteExactlyAsync(old, null, ct).ConfigureAwait(false);
        }
    }
}
