namespace Sealos.OsServices.Users;

/// <summary>Who may change whose role in a workspace. Pure.</summary>
internal static class RoleRules
{
    private const string Owner = UserRoles.Owner;
    private const string Manager = UserRoles.Manager;
    private const string Developer = UserRoles.Developer;

    /// <summary>Why a change may not be made, or null when it may.</summary>
    /// <param name="callerRole">The role of whoever asks; null for strangers.</param>
    /// <param name="currentRole">The present role of whose role it is; null for strangers.</param>
    /// <param name="requestedRole">The role that is asked for.</param>
    /// <param name="action"><c>Grant</c>, <c>Update</c> or <c>Deprive</c>.</param>
    /// <param name="isSelf">Whether it is the caller's own role.</param>
    public static string? Refusal(string? callerRole, string? currentRole, string? requestedRole, string action, bool isSelf) => (callerRole, action) switch
    {
        (null, _) => "Only members of the workspace may do this.",
        (Owner, "Deprive") when isSelf || currentRole == Owner => "The owner cannot leave: hand the workspace over first, or delete it.",
        (Owner, _) when isSelf => "The owner's own role changes only by handing the workspace over.",
        (Owner, _) => null,
        (_, "Deprive") when isSelf => null,
        (Manager, "Grant") when requestedRole == Developer && currentRole is null => null,
        (Manager, "Deprive") when currentRole == Developer => null,
        (Manager, _) => "A manager may only let developers in, and take them out.",
        _ => "Only the owner or a manager may do this.",
    };
}
