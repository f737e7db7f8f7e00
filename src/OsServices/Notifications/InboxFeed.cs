using Sealos.ControllerKit.Caching;

namespace Sealos.OsServices.Notifications;

/// <summary>The messages of one workspace, live over a watch.</summary>
public sealed class InboxFeed
{
    private readonly Informer<Notification> _messages;
    private readonly TimeProvider _time;

    /// <summary>Follows a workspace's messages with informers that look at its namespace alone; the caller starts and disposes them.</summary>
    public InboxFeed(InformerFactory informers, TimeProvider time)
    {
        _time = time;
        _messages = informers.For<Notification>();
        _messages.OnChange((_, _) => Changed?.Invoke());
    }

    /// <summary>Raised, on the watch's own thread, when a message has come, gone or been read.</summary>
    public event Action? Changed;

    /// <summary>Those to be shown now, the latest first.</summary>
    public IReadOnlyList<Notification> Messages
    {
        get
        {
            var now = _time.GetUtcNow();
            return [.. _messages.List().Where(m => !(m.Spec?.StartTime > now) && !(m.Spec?.EndTime <= now)).OrderByDescending(m => m.Spec?.Timestamp).ThenBy(m => m.Metadata.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Whether somebody has read it.</summary>
    public static bool IsRead(Notification message) => message.Metadata.Labels?.GetValueOrDefault(Notification.ReadLabel) == "true";
}
