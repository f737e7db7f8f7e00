using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Notifications;

/// <summary>A message as a person reads it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Scope"><c>own</c>, or <c>everybody</c> for an announcement.</param>
/// <param name="Title">In a few words.</param>
/// <param name="Message">In full.</param>
/// <param name="From">Who sent it.</param>
/// <param name="Importance"><c>High</c>, <c>Medium</c> or <c>Low</c>.</param>
/// <param name="Time">When it was sent.</param>
/// <param name="Until">Until when it is shown.</param>
/// <param name="IsRead">Whether this person has read it.</param>
public sealed record NotificationView(
    string Id, string Scope, string Title, string Message, string? From, string? Importance, DateTimeOffset Time, DateTimeOffset? Until, bool IsRead)
{
    /// <summary>The scope of a message to one workspace.</summary>
    public const string Own = "own";

    /// <summary>The scope of an announcement.</summary>
    public const string Everybody = "everybody";

    /// <summary>A message as it is shown.</summary>
    public static NotificationView Of(Notification n, string scope, bool isRead) => new(
        n.Metadata.Name!, scope, n.Spec!.Title, n.Spec.Message, n.Spec.From, n.Spec.Importance, DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(n.Spec.Timestamp, 0, 253402300799)), n.Spec.EndTime, isRead);
}

/// <summary>
/// A person's messages: those of their own workspace, and what everybody is told. There is one object of an announcement; which of them a person has read
/// stands in one annotation of their User, no longer than there are announcements.
/// </summary>
internal sealed class Inbox(KubeClient client, TimeProvider time)
{
    /// <summary>Annotation of User: the announcements that they have read, by name.</summary>
    public const string ReadKey = "notification.sealos.io/read";

    private const int Tries = 5;

    /// <summary>All that is shown now, the newest first; what everybody is told alone, where the user's own is not wanted.</summary>
    public async Task<IReadOnlyList<NotificationView>> ListAsync(string user, bool withOwn, CancellationToken ct)
    {
        var own = withOwn ? ListOfAsync(UserDirectory.WorkspaceOf(user), ct) : Task.FromResult<IReadOnlyList<Notification>>([]);
        var all = ListOfAsync(NotificationWriter.EverybodysNamespace, ct);
        var read = ReadOf(await client.FindAsync<User>(null, user, ct).ConfigureAwait(false));
        var now = time.GetUtcNow();
        return [.. (await own.ConfigureAwait(false)).Select(n => NotificationView.Of(n, NotificationView.Own, InboxFeed.IsRead(n)))
            .Concat((await all.ConfigureAwait(false)).Select(n => NotificationView.Of(n, NotificationView.Everybody, read.Contains(n.Metadata.Name!))))
            .Where(n => !(n.Until <= now))
            .OrderByDescending(n => n.Time).ThenBy(n => n.Id, StringComparer.Ordinal)];
    }

    /// <summary>Marks a message as read, for this person.</summary>
    public async Task MarkAsync(string user, string id, CancellationToken ct)
    {
        if (!UserNames.IsValid(id))
        {
            throw Unknown();
        }

        var ns = UserDirectory.WorkspaceOf(user);
        if (await client.FindAsync<Notification>(ns, id, ct).ConfigureAwait(false) is not null)
        {
            var labels = new JsonObject { [Notification.ReadLabel] = "true" };
            await client.PatchAsync<Notification>(ns, id, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } }, null, ct).ConfigureAwait(false);
            return;
        }

        var all = await ListOfAsync(NotificationWriter.EverybodysNamespace, ct).ConfigureAwait(false);
        if (!all.Any(n => n.Metadata.Name == id))
        {
            throw Unknown();
        }

        await MarkAsync(user, id, all.Select(n => n.Metadata.Name!).ToHashSet(StringComparer.Ordinal), Tries, ct).ConfigureAwait(false);
    }

    private static ServiceException Unknown() => ServiceException.NotFound("You have no such notification.");

    private static HashSet<string> ReadOf(User? user) =>
        (user?.Metadata.Annotations?.GetValueOrDefault(ReadKey) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

    // Two windows of a person may mark at the same time: whoever was later looks again.
    private async Task MarkAsync(string user, string id, HashSet<string> there, int tries, CancellationToken ct)
    {
        while (true)
        {
            var who = await client.FindAsync<User>(null, user, ct).ConfigureAwait(false) ?? throw Unknown();
            var read = ReadOf(who);
            read.IntersectWith(there);
            read.Add(id);
            var metadata = new JsonObject
            {
                ["resourceVersion"] = who.Metadata.ResourceVersion,
                ["annotations"] = new JsonObject { [ReadKey] = string.Join(' ', read.Order(StringComparer.Ordinal)) },
            };
            try
            {
                await client.PatchAsync<User>(null, user, new JsonObject { ["metadata"] = metadata }, null, ct).ConfigureAwait(false);
                return;
            }
            catch (ApiException e) when (e.IsConflict && --tries > 0)
            {
                // Read it anew.
            }
        }
    }

    private async Task<IReadOnlyList<Notification>> ListOfAsync(string ns, CancellationToken ct) =>
        [.. (await client.ListAsync<Notification>(ns, new ListQuery { Limit = NotificationWriter.Most * 2 }, ct).ConfigureAwait(false)).Items.Where(n => n.Spec is not null)];
}
