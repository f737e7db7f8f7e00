using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Requests;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>Who may ask for changes of users and memberships: people, not what runs in workspaces, nor tokens made for programs.</summary>
internal static class UserCallers
{
    private const int MostRequests = 100;

    public static async Task<Refusal?> RefusalAsync(AdmissionCaller caller, IAdmissionFacts facts, CancellationToken ct)
    {
        var user = caller.User is { } name ? await facts.FindUserAsync(name, ct).ConfigureAwait(false) : null;
        return user is not null && IsPerson(user) ? null : new Refusal("only people who are signed in may do this, not service accounts of workspaces or personal tokens");
    }

    /// <summary>Refuses whoever has asked for so much that it must be forgotten first.</summary>
    public static async Task<Refusal?> JudgeNumberAsync(AdmissionCaller caller, IAdmissionFacts facts, CancellationToken ct) =>
        await facts.CountRequestsAsync(caller.User!, ct).ConfigureAwait(false) < MostRequests ? null : new Refusal($"you have asked for {MostRequests} changes in the last minutes, which is the most there may be; wait a while", 429);

    /// <summary>Whether it is somebody who may sign in.</summary>
    public static bool IsPerson(User user) => Requesters.IsPerson(user);

    /// <summary>The team whose workspace a namespace is, or null.</summary>
    public static async Task<User?> TeamOfAsync(string workspace, IAdmissionFacts facts, CancellationToken ct) =>
        UsersObjects.UserOf(workspace) is { } name && await facts.FindUserAsync(name, ct).ConfigureAwait(false) is { } user && user.IsTeam()
            ? user
            : null;
}
