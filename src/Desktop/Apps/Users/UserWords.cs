using Sealos.OsServices.Users;

namespace Sealos.Desktop.Apps.Users;

/// <summary>How a user or team is doing, in words and as the class that colours its dot.</summary>
internal static class UserWords
{
    public static bool IsTeam(User user) => Label(user, UserKeys.Type) == UserKeys.TypeGroup;

    public static bool IsLocked(User user) => Label(user, UserKeys.Status) == UserKeys.StatusLocked;

    public static string Name(User user) => user.Metadata.Annotations?.GetValueOrDefault(UserKeys.DisplayName) is { Length: > 0 } name ? name : user.Metadata.Name!;

    public static string Class(User user) => user switch
    {
        { Metadata.DeletionTimestamp: not null } => "busy",
        _ when IsLocked(user) => "bad",
        { Status.Phase: "Active" } => "good",
        _ => Reason(user) is null ? "busy" : "bad",
    };

    public static string State(User user) => user switch
    {
        { Metadata.DeletionTimestamp: not null } => "Being deleted",
        _ when IsLocked(user) => "Locked",
        { Status.Phase: "Active" } => "Ready",
        _ => Reason(user) is null ? "Being made" : "Not ready",
    };

    /// <summary>The first step that has failed, in its own words; null when none has.</summary>
    public static string? Reason(User user) =>
        user.Status?.Conditions?.Find(c => c.Status == "False" && c.Type != "Ready") is { } failed ? failed.Message is { Length: > 0 } message ? message : failed.Type : null;

    /// <summary>A state of the operator's lists, as the class that colours its dot.</summary>
    public static string Class(string state) => state switch
    {
        "ready" => "good",
        "locked" or "suspended" => "bad",
        _ => "busy",
    };

    /// <summary>A state of the operator's lists in words.</summary>
    public static string State(string state) => state switch
    {
        "ready" => "Ready",
        "preparing" => "Being made",
        "locked" => "Locked",
        "deleting" => "Being deleted",
        "suspending" => "Being suspended",
        "suspended" => "Suspended",
        "resuming" => "Being resumed",
        _ => state,
    };

    private static string? Label(User user, string label) => user.Metadata.Labels?.GetValueOrDefault(label);
}
