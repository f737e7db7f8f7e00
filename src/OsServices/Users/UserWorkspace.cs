using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Users;

/// <summary>The workspace of a user: namespace, walls, roles, and last the right of its owner.</summary>
internal sealed class UserWorkspace(KubeClient client, UsersCache cache, WallOptions walls)
{
    private readonly ObjectKeeper _keeper = new(client);

    public async Task EnsureNamespaceAsync(User user, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        var owner = user.OwnerOf()!;
        var wanted = UsersObjects.Workspace(name, owner, user.Metadata.Annotations?.GetValueOrDefault(UserKeys.Creator), walls.PodSecurity);
        var current = cache.Namespaces.Get(null, wanted.Metadata.Name!) ?? await CreateAsync(wanted, ct).ConfigureAwait(false);
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

        // A right kept for somebody who is gone would be that of whoever is called so next.
        var owner = user.OwnerOf()!;
        if (cache.Users.Get(null, owner) is not { Metadata.DeletionTimestamp: null } person || person.IsTeam())
        {
            throw new StepRefusedException("OwnerMissing", $"the team's owner {owner} is no user");
        }

        await EnsureBindingAsync(UsersObjects.MemberBinding(owner, UsersObjects.WorkspaceOf(user.Metadata.Name!), UserRoles.Owner), ct).ConfigureAwait(false);
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
            // Not by way of the cache, which still shows the one that goes.
            await client.DeleteExactlyAsync(current, null, ct).ConfigureAwait(false);
            await client.CreateAsync(wanted, ct).ConfigureAwait(false);
            return;
        }

        await _keeper.EnsureAsync(cache.Bindings, wanted, MergeSubjects, ct).ConfigureAwait(false);
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
            throw new ApiException(409, "Conflict", $"rolebinding {wanted.Metadata.Namespace}/{wanted.Metadata.Name} is being made anew");
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
