using Sealos.ControllerKit.Client;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces;

/// <summary>A caller's place in a workspace.</summary>
/// <param name="Workspace">The User that stands for it.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Role">The caller's role; the operator's, who is no member, is the owner's.</param>
internal sealed record Seat(User Workspace, string Namespace, string Role)
{
    public string Id => Workspace.Metadata.Name!;

    public bool IsTeam => Workspace.IsTeam();

    /// <summary>Refuses whoever is less than <paramref name="role"/>.</summary>
    public Seat AtLeast(string role, string message) =>
        UserRoles.Rank(Role) >= UserRoles.Rank(role) ? this : throw ServiceException.Forbidden(message);

    /// <summary>Refuses a private workspace, which is one person's.</summary>
    public Seat Team(string message) => IsTeam ? this : throw ServiceException.Conflict(message);
}

/// <summary>Who is what in which workspace: the role bindings say so, and nothing else.</summary>
internal sealed class WorkspaceReader(KubeClient client)
{
    /// <summary>The name of the binding that gives a user their role in a namespace.</summary>
    public static string BindingOf(string ns, string user) => ns == UserDirectory.WorkspaceOf(user) ? user : UsersObjects.MemberBindingOf(user);

    /// <summary>The workspaces that a caller is in; with a personal token, those it is for.</summary>
    public async Task<IReadOnlyList<WorkspaceView>> ListAsync(Caller caller, CancellationToken ct)
    {
        var bindings = await client.ListAsync<RoleBinding>(null, new ListQuery { LabelSelector = $"{UserKeys.Owner}={caller.User}" }, ct).ConfigureAwait(false);
        var roles = bindings.Items.Select(b => (Namespace: b.Metadata.Namespace!, Role: RoleIn(b, caller.Account))).Where(r => r.Role is not null && UsersObjects.UserOf(r.Namespace) is not null);
        var views = await Task.WhenAll(roles.Select(r => FindAsync(r.Namespace, r.Role!, ct))).ConfigureAwait(false);
        return [.. views.OfType<WorkspaceView>().OrderBy(v => v.Kind == "team").ThenBy(v => v.Name, StringComparer.OrdinalIgnoreCase).ThenBy(v => v.Id, StringComparer.Ordinal)];
    }

    /// <summary>A caller's place in a workspace.</summary>
    /// <exception cref="ServiceException">There is no such workspace, or it is not for the caller; which of the two is not told.</exception>
    public async Task<Seat> SeatAsync(Caller caller, string workspace, CancellationToken ct)
    {
        var id = WorkspaceRules.IdOf(workspace);
        var ns = UserDirectory.WorkspaceOf(id);
        var role = await RoleOfAsync(caller.Account, ns, ct).ConfigureAwait(false);
        if (role is null && !caller.IsOperator)
        {
            throw WorkspaceRules.NoWorkspace(id);
        }

        var user = await client.FindAsync<User>(null, id, ct).ConfigureAwait(false) ?? throw WorkspaceRules.NoWorkspace(id);
        return new Seat(user, ns, caller.IsOperator ? UserRoles.Owner : role!);
    }

    /// <summary>A user's role in a namespace, or null.</summary>
    public async Task<string?> RoleOfAsync(string user, string ns, CancellationToken ct) =>
        RoleIn(await client.FindAsync<RoleBinding>(ns, BindingOf(ns, user), ct).ConfigureAwait(false), user);

    /// <summary>Everybody in a workspace, the owner first.</summary>
    public async Task<IReadOnlyList<MemberView>> MembersAsync(string ns, CancellationToken ct)
    {
        var bindings = await client.ListAsync<RoleBinding>(ns, new ListQuery { LabelSelector = UserKeys.Owner }, ct).ConfigureAwait(false);
        var members = bindings.Items.Select(b => (User: b.Metadata.Labels![UserKeys.Owner], Binding: b))
            .Select(m => (m.User, Role: RoleIn(m.Binding, m.User))).Where(m => m.Role is not null).ToList();
        var users = await Task.WhenAll(members.Select(m => client.FindAsync<User>(null, m.User, ct))).ConfigureAwait(false);
        return [.. members.Zip(users, (m, u) => new MemberView(m.User, NameOf(u, m.User), m.Role!))
            .OrderByDescending(m => UserRoles.Rank(m.Role)).ThenBy(m => m.User, StringComparer.Ordinal)];
    }

    /// <summary>Teams that a user owns.</summary>
    public async Task<int> CountTeamsAsync(string user, CancellationToken ct)
    {
        var teams = await client.ListAsync<User>(null, UsersObjects.TeamsOf(user), ct).ConfigureAwait(false);
        return teams.Items.Count;
    }

    /// <summary>What people call a user or a team.</summary>
    public static string NameOf(User? user, string id) => user?.Metadata.Annotations?.GetValueOrDefault(UserKeys.DisplayName) is { Length: > 0 } name ? name : id;

    public static WorkspaceView View(User workspace, string role) => new(
        workspace.Metadata.Name!,
        NameOf(workspace, workspace.Metadata.Name!),
        UserDirectory.WorkspaceOf(workspace.Metadata.Name!),
        workspace.IsTeam() ? "team" : "private",
        role,
        workspace.IsTeam() ? workspace.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner) ?? "" : workspace.Metadata.Name!,
        workspace.Metadata.DeletionTimestamp is not null ? "deleting" : workspace.Status?.Phase == "Active" ? "ready" : "preparing",
        workspace.Metadata.CreationTimestamp);

    /// <summary>The role that a binding gives a user; null when it is not the one that says so.</summary>
    internal static string? RoleIn(RoleBinding? binding, string user)
    {
        // Anybody may make bindings in what is theirs; only those of these names are made by the cloud alone.
        if (binding is not { RoleRef: { Kind: "Role", Name: { } role }, Subjects: [{ Kind: "ServiceAccount" } subject] }
            || UserRoles.Rank(role) == 0 || subject.Name != user || subject.Namespace != UserDirectory.AccountsNamespace)
        {
            return null;
        }

        return binding.Metadata.Name == BindingOf(binding.Metadata.Namespace!, user) ? role : null;
    }

    private async Task<WorkspaceView?> FindAsync(string ns, string role, CancellationToken ct) =>
        await client.FindAsync<User>(null, UsersObjects.UserOf(ns)!, ct).ConfigureAwait(false) is { } user ? View(user, role) : null;
}
