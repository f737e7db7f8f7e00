namespace Sealos.OsServices.Users;

/// <summary>What labels say of a user.</summary>
internal static class UserFacts
{
    public static bool IsTeam(this User user) => Label(user, UserKeys.Type) == UserKeys.TypeGroup;

    public static bool IsLocked(this User user) => Label(user, UserKeys.Status) == UserKeys.StatusLocked;

    /// <summary>A person is their own; a team is whose it was made for, or was handed over to.</summary>
    public static string? OwnerOf(this User user) => user.IsTeam() ? Label(user, UserKeys.Owner) : user.Metadata.Name;

    private static string? Label(User user, string key) => user.Metadata.Labels?.GetValueOrDefault(key);
}
