using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;

namespace Sealos.OsServices.Users.Requests;

/// <summary>
/// Carries out changes of roles in workspaces. Each step can be taken again, so what was cut off is brought to its end by beginning anew.
/// </summary>
internal sealed class MembershipChange(KubeClient client, UsersCache cache, UserWorkspace workspace)
{
    /// <summary>How many members a team may have, its owner among them.</summary>
    public const int MostMembers = 50;

    public async Task CarryOutAsync(OperationrequestSpec spec, CancellationToken ct)
    {
        var team = UsersObjects.UserOf(spec.Namespace) is { } name ? await FindAsync(name, ct).ConfigureAwait(false) : null;
        if (team is not { Metadata.DeletionTimestamp: null })
        {
            throw new StepRefusedException("NoWorkspace", $"there is no workspace {spec.Namespace}");
        }

        if (!team.IsTeam())
        {
            throw new StepRefusedException("PrivateWorkspace", $"{spec.Namespace} is a private workspace; only a team has members");
        }

        if (spec.Action == "Deprive")
        {
            await DepriveAsync(team, spec, ct).ConfigureAwait(false);
            return;
        }

        // What is the operator's no member could be kept out of, and the rules do not bind him. A team that was handed to who is leaving would go
        // with them, so what is followed, and may be behind, is not asked.
        if (spec.User == UserDirectory.AdminName || await client.FindAsync<User>(null, spec.User, ct).ConfigureAwait(false) is not { } person || person.IsTeam() || person.IsGoing())
        {
            throw new StepRefusedException("NoUser", $"there is no user {spec.User}");
        }

        if (spec.Role == UserRoles.Owner)
        {
            await HandOverAsync(team, spec, ct).ConfigureAwait(false);
            return;
        }

        if (team.OwnerOf() == spec.User)
        {
            throw new StepRefusedException("IsOwner", $"{spec.User} owns {spec.Namespace}: hand it over first");
        }

        await CheckRoomAsync(spec, ct).ConfigureAwait(false);
        await workspace.SetMemberAsync(spec.Namespace, spec.User, spec.Role, ct).ConfigureAwait(false);
    }

    // Who was made a moment ago may not be followed yet.
    private async Task<User?> FindAsync(string name, CancellationToken ct) => cache.Users.Get(null, name) ?? await client.FindAsync<User>(null, name, ct).ConfigureAwait(false);

    private async Task HandOverAsync(User team, OperationrequestSpec spec, CancellationToken ct)
    {
        if (team.OwnerOf() != spec.User)
        {
            await CheckRoomAsync(spec, ct).ConfigureAwait(false);
        }

        await MoveOwnershipAsync(team, spec.User, ct).ConfigureAwait(false);
    }

    /// <summary>Makes somebody the owner of a team, whatever they were in it.</summary>
    public async Task MoveOwnershipAsync(User team, string to, CancellationToken ct)
    {
        var ns = UsersObjects.WorkspaceOf(team.Metadata.Name!);

        // The team's own word is the change; everything after follows from it, here or in the user's own reconciler.
        JsonObject Mark() => new()
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [UserKeys.Owner] = to }, ["annotations"] = new JsonObject { [UserKeys.Owner] = to } },
        };
        await client.PatchAsync<User>(null, team.Metadata.Name!, Mark(), null, ct).ConfigureAwait(false);
        await client.PatchAsync<Namespace>(null, ns, Mark(), null, ct).ConfigureAwait(false);
        await workspace.EnsureBindingAsync(UsersObjects.MemberBinding(to, ns, UserRoles.Owner), ct).ConfigureAwait(false);

        await workspace.DemoteFormerOwnersAsync(ns, to, ct).ConfigureAwait(false);
        await workspace.RemoveHandedOnAsync(ns, null, ct).ConfigureAwait(false);
    }

    private async Task DepriveAsync(User team, OperationrequestSpec spec, CancellationToken ct)
    {
        if (team.OwnerOf() == spec.User)
        {
            throw new StepRefusedException("IsOwner", $"{spec.User} owns {spec.Namespace}: hand it over first, or delete it");
        }

        if (await client.FindAsync<RoleBinding>(spec.Namespace, UsersObjects.MemberBindingOf(spec.User), ct).ConfigureAwait(false) is { } binding)
        {
            await client.DeleteExactlyAsync(binding, null, ct).ConfigureAwait(false);
        }

        await workspace.RemoveHandedOnAsync(spec.Namespace, spec.User, ct).ConfigureAwait(false);

        // After the member: a token is kept to what its user is at that moment.
        await workspace.LimitTokensAsync(spec.Namespace, spec.User, null, ct).ConfigureAwait(false);
    }

    private async Task CheckRoomAsync(OperationrequestSpec spec, CancellationToken ct)
    {
        var members = await MembersAsync(spec.Namespace, ct).ConfigureAwait(false);
        if (members.Count >= MostMembers && !members.Exists(b => UsersObjects.MemberOf(b) == spec.User))
        {
            throw new StepRefusedException("TooManyMembers", $"{spec.Namespace} has {MostMembers} members, which is the most a team may have");
        }
    }

    private async Task<List<RoleBinding>> MembersAsync(string ns, CancellationToken ct) =>
        [.. (await client.ListAsync<RoleBinding>(ns, new ListQuery { LabelSelector = UserKeys.Owner }, ct).ConfigureAwait(false)).Items.Where(b => UsersObjects.MemberOf(b) is not null)];
}
