using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;

namespace Sealos.OsServices.Users.Requests;

/// <summary>What people may ask for, by what is true now: when they ask, and again when it is carried out.</summary>
internal static class Requesters
{
    private static readonly string[] RolesByRight = [UserRoles.Owner, UserRoles.Manager, UserRoles.Developer];

    /// <summary>Whether it is somebody who may sign in.</summary>
    public static bool IsPerson(User user) => !user.IsTeam() && user.Metadata.DeletionTimestamp is null && user.Metadata.Labels?.GetValueOrDefault(UserKeys.Status) is null or "";

    /// <summary>A user's role in a workspace, or null.</summary>
    public static async Task<string?> RoleOfAsync(KubeClient client, string user, string workspace, CancellationToken ct)
    {
        if (user.Length == 0 || workspace.Length == 0)
        {
            return null;
        }

        var bindings = await Task.WhenAll(client.FindAsync<RoleBinding>(workspace, user, ct), client.FindAsync<RoleBinding>(workspace, UsersObjects.MemberBindingOf(user), ct)).ConfigureAwait(false);
        var roles = bindings.Where(b => b?.RoleRef is { Kind: "Role" } && UserRoles.IsOf(b, user)).Select(b => b!.RoleRef!.Name);
        return RolesByRight.FirstOrDefault(roles.Contains);
    }

    /// <summary>Why whoever asked for a change may not have it any more; null when they may, or it was asked for by no tenant.</summary>
    public static async Task<string?> RefusalAsync(KubeClient client, Operationrequest request, CancellationToken ct)
    {
        if (RequesterOf(request.Metadata) is not { } requester)
        {
            return null;
        }

        var spec = request.Spec!;
        if (await RefusalOfPersonAsync(client, requester, ct).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        var own = await RoleOfAsync(client, requester, spec.Namespace, ct).ConfigureAwait(false);
        var current = await RoleOfAsync(client, spec.User, spec.Namespace, ct).ConfigureAwait(false);
        return RoleRules.Refusal(own, current, spec.Action == "Deprive" ? null : spec.Role, spec.Action, spec.User == requester) is { } why
            ? $"{requester}, who asked for this, may not do it any more: {why}"
            : null;
    }

    /// <summary>The same for the end of a team.</summary>
    public static async Task<string?> RefusalAsync(KubeClient client, DeleteRequest request, CancellationToken ct)
    {
        if (RequesterOf(request.Metadata) is not { } requester)
        {
            return null;
        }

        return await RefusalOfPersonAsync(client, requester, ct).ConfigureAwait(false)
            ?? (await RoleOfAsync(client, requester, UsersObjects.WorkspaceOf(request.Spec!.User), ct).ConfigureAwait(false) == UserRoles.Owner ? null : $"{requester}, who asked for this, does not own the workspace any more");
    }

    private static string? RequesterOf(ObjectMeta metadata) => metadata.Labels?.GetValueOrDefault(UserKeys.Requester);

    private static async Task<string?> RefusalOfPersonAsync(KubeClient client, string requester, CancellationToken ct) =>
        await client.FindAsync<User>(null, requester, ct).ConfigureAwait(false) is { } person && IsPerson(person) ? null : $"{requester}, who asked for this, may not sign in any more";
}
