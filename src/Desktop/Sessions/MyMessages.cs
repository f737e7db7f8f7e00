using Sealos.OsServices.Notifications;
using Sealos.OsServices.Workspaces;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// What the person of a page is told. Messages of their own workspace come over a watch; what everybody is told nobody may watch, so it is
/// asked for when the page opens, when it is looked at, and every few minutes.
/// </summary>
internal sealed class MyMessages(DesktopSession session, PersonalServices services, TimeProvider time)
{
    /// <summary>How old the announcements may be.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private IReadOnlyList<NotificationView> _announced = [];

    /// <summary>Those to be shown now, the latest first.</summary>
    public IReadOnlyList<NotificationView> All => Join(session.Home.Inbox.Messages, _announced, time.GetUtcNow());

    /// <summary>Asks what everybody is told. What cannot be asked stays as it was known.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        var answer = await services.GetAsync<ItemList<NotificationView>>("notifications", ct).ConfigureAwait(false);
        _announced = answer.Value is { } list ? [.. list.Items.Where(n => n.Scope == NotificationView.Everybody)] : _announced;
    }

    /// <summary>Marks one as read. What has failed stays unread, which says enough.</summary>
    public async Task MarkAsync(NotificationView message, CancellationToken ct)
    {
        var problem = await services.DoAsync(HttpMethod.Post, $"notifications/{Uri.EscapeDataString(message.Id)}/read", null, ct).ConfigureAwait(false);
        if (problem is null)
        {
            _announced = [.. _announced.Select(n => n.Id == message.Id && n.Scope == message.Scope ? n with { IsRead = true } : n)];
        }
    }

    /// <summary>The person's own messages, and what everybody is told as long as it is to be shown.</summary>
    internal static IReadOnlyList<NotificationView> Join(IEnumerable<Notification> own, IEnumerable<NotificationView> announced, DateTimeOffset now) =>
        [.. own.Where(n => n.Spec is not null).Select(n => NotificationView.Of(n, NotificationView.Own, InboxFeed.IsRead(n))).Concat(announced.Where(n => !(n.Until <= now)))
            .OrderByDescending(n => n.Time).ThenBy(n => n.Id, StringComparer.Ordinal)];
}
