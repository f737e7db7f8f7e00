using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Who may ask for changes of users and memberships: people, not what runs in workspaces, nor tokens made for programs.</summary>
internal static class UserCallers
{
    public static async Task<Refusal?> RefusalAsync(AdmissionCaller caller, IAdmissionFacts facts, CancellationToken ct)
    {
        var user = caller.User is { } name ? await facts.FindUserAsync(name, ct).ConfigureAwait(false) : null;
        return user is not null && IsPerson(user) ? null : new Refusal("only people who are signed in may do this, not service accounts of workspaces or personal tokens");
    }

    /// <summary>Whether it is somebody who may sign in.</summary>
    public static bool IsPerson(User user) => !user.IsTeam() && user.Metadata.DeletionTimestamp is null && user.Metadata.Labels?.GetValueOrDefault(UserKeys.Status) is null or "";

    /// <summary>The team whose workspace a namespace is, or null.</summary>
    public static async Task<User?> TeamOfAsync(string workspace, IAdmissionFacts facts, CancellationToken ct) =>
        UsersObjects.UserOf(workspace) is { } name && await facts.FindUserAsync(name, ct).ConfigureAwait(false) is { } user && user.IsTeam()
            ? user
            : null;
}
