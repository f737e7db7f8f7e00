using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Users;

/// <summary>The workspace of a user: namespace, walls, roles, and last the right of its owner.</summary>
internal sealed class UserWorkspace(KubeClient client, UsersCache cache, WallSettings walls)
{
    /// <summary>Begins the names of bindings of personal tokens.</summary>
    public const string TokenPrefix = "rb-token-";

    private readonly ObjectKeeper _keeper = new(client);

    public async Task EnsureNamespaceAsync(User user, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        var owner = user.OwnerOf()!;
        var known = cache.Namespaces.Get(null, UsersObjects.WorkspaceOf(name));
        var wanted = UsersObjects.Workspace(name, owner, user.Metadata.Annotations?.GetValueOrDefault(UserKeys.Creator), PodSecurityOf(known));
        if (IsAmongStrangers(owner, known) && name != UserDirectory.AdminName)
        {
            wanted.Metadata.Annotations![UserKeys.AmongStrangers] = "true";
        }

        var current = known ?? await CreateAsync(wanted, ct).ConfigureAwait(false);
        if (current is null)
        {
            return;
        }

        if (!IsOurs(user, current))
        {
            throw new StepRefusedException("NamespaceTaken", $"namespace {current.Metadata.Name} is somebody else's");
        }

        if (current.Metadata.DeletionTimestamp is not null)
        {
            throw new StepRefusedException("NamespaceTerminating", $"namespace {current.Metadata.Name} is being deleted");
        }

        await _keeper.EnsureAsync(cache.Namespaces, wanted, ct).ConfigureAwait(false);
    }

    private string PodSecurityOf(Namespace? ns)
    {
        var own = WallChoice.LevelOf(ns?.Metadata.Annotations?.GetValueOrDefault(UserKeys.PodSecurity));
        if (own.IsWrong)
        {
            walls.Tell(ns!, "PodSecurityUnreadable", $"annotation {UserKeys.PodSecurity} is neither baseline nor restricted; it counts as {own.Level}");
        }

        return own.Level ?? walls.Current.Options.PodSecurity;
    }

    // A team of somebody who came as a stranger is no way out of what keeps strangers apart.
    private bool IsAmongStrangers(string owner, Namespace? known) =>
        (known is null && walls.AdmitsStrangers()) || cache.Namespaces.Get(null, UsersObjects.WorkspaceOf(owner))?.Metadata.Annotations?.ContainsKey(UserKeys.AmongStrangers) == true;

    /// <summary>
    /// Whether a namespace of the workspace's name is the user's. One that was there before the user is, only if it bears the owner's
    /// label: else naming a user after it would give it away.
    /// </summary>
    public static bool IsOurs(User user, Namespace ns) =>
        UserConditions.Holds(user, UserConditions.Namespace) || ns.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner) == user.OwnerOf();

    public Task EnsureRolesAsync(User user, CancellationToken ct) =>
        Task.WhenAll(UsersObjects.Roles(user.Metadata.Name!).Select(role => _keeper.EnsureAsync(cache.Roles, role, MergeRules, ct)));

    public async Task EnsureOwnerBindingAsync(User user, CancellationToken ct)
    {
        if (!user.IsTeam())
        {
            await EnsureBindingAsync(UsersObjects.OwnerBinding(user.Metadata.Name!), ct).ConfigureAwait(false);
            return;
        }

        // It may have been handed over since this began.
        var now = await client.FindAsync<User>(null, user.Metadata.Name!, ct).ConfigureAwait(false);
        if (now is null || now.Metadata.Uid != user.Metadata.Uid || now.OwnerOf() is not { } owner)
        {
            return;
        }

        // A right kept for somebody who is gone would be that of whoever is called so next.
        if (cache.Users.Get(null, owner) is not { Metadata.DeletionTimestamp: null } person || person.IsTeam())
        {
            throw new StepRefusedException("OwnerMissing", $"the team's owner {owner} is no user");
        }

        var ns = UsersObjects.WorkspaceOf(user.Metadata.Name!);
        await EnsureBindingAsync(UsersObjects.MemberBinding(owner, ns, UserRoles.Owner), ct).ConfigureAwait(false);
        await DemoteFormerOwnersAsync(ns, owner, ct).ConfigureAwait(false);
    }

    /// <summary>Makes a team's owners developers but for the one whose it is: whoever else is one was it before.</summary>
    public async Task DemoteFormerOwnersAsync(string ns, string owner, CancellationToken ct)
    {
        // Asked of the API and not of the cache, which may not show yet what was bound a moment ago.
        var bindings = await client.ListAsync<RoleBinding>(ns, new ListQuery { LabelSelector = UserKeys.Owner }, ct).ConfigureAwait(false);
        foreach (var binding in bindings.Items.Where(b => b.RoleRef?.Name == UserRoles.Owner))
        {
            if (UsersObjects.MemberOf(binding) is { } former && former != owner)
            {
                binding.Metadata.Namespace ??= ns;
                await RemakeAsync(binding, UsersObjects.MemberBinding(former, ns, UserRoles.Developer), ct).ConfigureAwait(false);
                await LimitTokensAsync(ns, former, UserRoles.Developer, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives a member a role, and their personal tokens no more than it.</summary>
    public async Task SetMemberAsync(string ns, string user, string role, CancellationToken ct)
    {
        // The member first: a token is kept to what its user is at that moment.
        await EnsureBindingAsync(UsersObjects.MemberBinding(user, ns, role), ct).ConfigureAwait(false);
        await LimitTokensAsync(ns, user, role, ct).ConfigureAwait(false);
    }

    /// <summary>Takes from a user's personal tokens what is more than a role, or all where it is null.</summary>
    public async Task LimitTokensAsync(string ns, string user, string? role, CancellationToken ct)
    {
        var bindings = await client.ListAsync<RoleBinding>(ns, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, ct).ConfigureAwait(false);
        foreach (var binding in bindings.Items.Where(b => b.Metadata.Name!.StartsWith(TokenPrefix, StringComparison.Ordinal) && UserRoles.Rank(b.RoleRef?.Name) > UserRoles.Rank(role)))
        {
            await client.DeleteExactlyAsync(binding, null, ct).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Takes away what lets a workspace's own service accounts do what its people may: their tokens would outlive the right of whoever
    /// made them, and the tokens that never end. With <paramref name="user"/> also whatever binding that person has there, under any name.
    /// </summary>
    public async Task RemoveHandedOnAsync(string ns, string? user, CancellationToken ct)
    {
        var bindings = await client.ListAsync<RoleBinding>(ns, null, ct).ConfigureAwait(false);
        foreach (var binding in bindings.Items.Where(b => UserRoles.IsHandedOn(b, ns) || (user is not null && UserRoles.IsOf(b, user))))
        {
            binding.Metadata.Namespace ??= ns;
            await client.DeleteExactlyAsync(binding, null, ct).ConfigureAwait(false);
        }

        // Nobody may make such tokens any more; they may be older than that.
        var tokens = await client.ListAsync<Secret>(ns, new ListQuery { FieldSelector = "type=kubernetes.io/service-account-token" }, ct).ConfigureAwait(false);
        foreach (var token in tokens.Items)
        {
            token.Metadata.Namespace ??= ns;
            await client.DeleteExactlyAsync(token, null, ct).ConfigureAwait(false);
        }
    }

    public Task EnsureAdminBindingAsync(CancellationToken ct) => _keeper.EnsureAsync(null, UsersObjects.AdminBinding(), MergeSubjects, ct);

    /// <summary>Brings it about that a binding is there; one to another role is made anew, as a binding's role never changes.</summary>
    public async Task EnsureBindingAsync(RoleBinding wanted, CancellationToken ct)
    {
        var current = cache.Bindings.Get(wanted.Metadata.Namespace, wanted.Metadata.Name!);
        if (current is null || current.RoleRef?.Name != wanted.RoleRef!.Name)
        {
            current = await client.FindAsync<RoleBinding>(wanted.Metadata.Namespace, wanted.Metadata.Name!, ct).ConfigureAwait(false);
        }

        if (current is not null && current.RoleRef?.Name != wanted.RoleRef!.Name)
        {
            await RemakeAsync(current, wanted, ct).ConfigureAwait(false);
            return;
        }

        await _keeper.EnsureAsync(cache.Bindings, wanted, MergeSubjects, ct).ConfigureAwait(false);
    }

    // Not by way of the cache, which still shows the one that goes.
    private async Task RemakeAsync(RoleBinding current, RoleBinding wanted, CancellationToken ct)
    {
        await client.DeleteExactlyAsync(current, null, ct).ConfigureAwait(false);
        try
        {
            await client.CreateAsync(wanted, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Somebody else makes it anew at the same moment; whether it is the same is seen the next time.
            throw BeingMadeAnew(wanted);
        }
    }

    private async Task<Namespace?> CreateAsync(Namespace wanted, CancellationToken ct)
    {
        try
        {
            await client.CreateAsync(wanted, ct).ConfigureAwait(false);
            return null;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            return await client.GetAsync<Namespace>(null, wanted.Metadata.Name!, ct).ConfigureAwait(false);
        }
    }

    private static ApiException BeingMadeAnew(RoleBinding wanted) =>
        new(409, "Conflict", $"rolebinding {wanted.Metadata.Namespace}/{wanted.Metadata.Name} is being made anew");

    private static bool MergeRules(Role current, Role wanted)
    {
        if (ObjectKeeper.AreSame(current.Rules, wanted.Rules))
        {
            return false;
        }

        current.Rules = wanted.Rules;
        return true;
    }

    private static bool MergeSubjects(RoleBinding current, RoleBinding wanted)
    {
        if (current.RoleRef?.Name != wanted.RoleRef!.Name)
        {
            // The cache still shows the one that was deleted just now.
            throw BeingMadeAnew(wanted);
        }

        if (ObjectKeeper.AreSame(current.Subjects, wanted.Subjects))
        {
            return false;
        }

        current.Subjects = wanted.Subjects;
        return true;
    }

    private static bool MergeSubjects(ClusterRoleBinding current, ClusterRoleBinding wanted)
    {
        if (ObjectKeeper.AreSame(current.Subjects, wanted.Subjects))
        {
            return false;
        }

        current.Subjects = wanted.Subjects;
        return true;
    }
}
