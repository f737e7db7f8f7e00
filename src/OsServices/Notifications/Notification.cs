using Sealos.ControllerKit.CustomKinds;
using Sealos.Kinds;
using Sealos.Kinds.Meta;
using Sealos.Objects.Meta;

namespace Sealos.OsServices.Notifications;

/// <summary>A message to a workspace, or, in namespace <c>sealos</c>, to everybody. Read ones bear the label <see cref="ReadLabel"/>.</summary>
public sealed class Notification : IKubeObject<Notification>
{
    /// <summary><c>true</c> or <c>false</c>.</summary>
    public const string ReadLabel = "isRead";

    /// <inheritdoc/>
    public static KubeKind KubeKind { get; } = new("notification.sealos.io", "v1", "Notification", "notifications", true);

    /// <summary>Its definition; it comes after the kind, which it needs.</summary>
    public static CustomKind Definition { get; } = new(KubeKind, """
        {"type":"object","required":["spec"],"properties":{"spec":{"type":"object","required":["title","message","timestamp"],"properties":{
          "title":{"type":"string","maxLength":256},"message":{"type":"string","maxLength":8192},"timestamp":{"type":"integer","format":"int64","description":"When it was sent, in seconds since 1970."},
          "from":{"type":"string","maxLength":256},"importance":{"type":"string","enum":["High","Medium","Low"]},"desktopPopup":{"type":"boolean"},
          "i18ns":{"type":"object","additionalProperties":{"type":"object","properties":{"title":{"type":"string"},"message":{"type":"string"},"from":{"type":"string"}}}},
          "startTime":{"type":"string","format":"date-time"},"endTime":{"type":"string","format":"date-time"}}},
          "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}
        """)
    {
        Columns = [new("Title", "string", ".spec.title"), new("Importance", "string", ".spec.importance"), new("Age", "date", ".metadata.creationTimestamp")],
    };

    /// <inheritdoc/>
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    public string? Kind { get; set; }

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>What it says.</summary>
    public NotificationSpec? Spec { get; set; }
}

/// <summary>What a message says.</summary>
public sealed class NotificationSpec
{
    /// <summary>In a few words.</summary>
    public string Title { get; set; } = "";

    /// <summary>In full.</summary>
    public string Message { get; set; } = "";

    /// <summary>When it was sent, in seconds since 1970.</summary>
    public long Timestamp { get; set; }

    /// <summary>Who sent it.</summary>
    public string? From { get; set; }

    /// <summary><c>High</c>, <c>Medium</c> or <c>Low</c>.</summary>
    public string? Importance { get; set; }

    /// <summary>Whether the desktop shows it by itself.</summary>
    public bool? DesktopPopup { get; set; }

    /// <summary>The same in other languages.</summary>
    public Dictionary<string, NotificationText>? I18ns { get; set; }

    /// <summary>From when on it is shown.</summary>
    public DateTimeOffset? StartTime { get; set; }

    /// <summary>Until when it is shown.</summary>
    public DateTimeOffset? EndTime { get; set; }
}

/// <summary>A message in another language.</summary>
public sealed class NotificationText
{
    /// <summary>In a few words.</summary>
    public string? Title { get; set; }

    /// <summary>In full.</summary>
    public string? Message { get; set; }

    /// <summary>Who sent it.</summary>
    public string? From { get; set; }
}
