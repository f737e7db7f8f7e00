namespace Sealos.OsServices.Users;

/// <summary>What labels say of a user.</summary>
public static class UserFacts
{
    /// <summary>Whether it stands for a team's workspace, and not for a person.</summary>
    public static bool IsTeam(this User user) => Label(user, UserKeys.Type) == UserKeys.TypeGroup;

    /// <summary>Whether the user may not sign in, and has no credential that holds.</summary>
    public static bool IsLocked(this User user) => Label(user, UserKeys.Status) == UserKeys.StatusLocked;

    /// <summary>Whether the user is marked for their end, as who leaves is.</summary>
    public static bool IsGoing(this User user) => user.Metadata.DeletionTimestamp is not null || Label(user, UserKeys.Status) == UserKeys.StatusDeleted;

    /// <summary>A person is their own; a team is whose it was made for, or was handed over to.</summary>
    public static string? OwnerOf(this User user) => user.IsTeam() ? Label(user, UserKeys.Owner) : user.Metadata.Name;

    private static string? Label(User user, string key) => user.Metadata.Labels?.GetValueOrDefault(key);
}
