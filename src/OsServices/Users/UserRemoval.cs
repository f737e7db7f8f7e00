using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Operators;

namespace Sealos.OsServices.Users;

/// <summary>The end of a user: first of what lets them in, then of what they have.</summary>
internal sealed class UserRemoval(KubeClient client, UsersCache cache, UserCredentials credentials, UserWorkspace workspace)
{
    /// <summary>Takes away all that is left of a user; false while some of it is still going.</summary>
    public async Task<bool> RemoveAsync(User user, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        if (!user.IsTeam() && UserNames.IsValid(name) && !UserNames.IsReserved(name))
        {
            await credentials.RemoveAccountsAsync(name, ct).ConfigureAwait(false);
            await credentials.EndAllAsync(name, withPassword: true, ct).ConfigureAwait(false);
            await RemoveBindingsAsync(name, ct).ConfigureAwait(false);
        }

        await RemoveWordsAsync(name, ct).ConfigureAwait(false);
        await SuspendedPods.ForgetAsync(client, UsersObjects.WorkspaceOf(name), ct).ConfigureAwait(false);

        // A team without its owner would be nobody's.
        var teams = user.IsTeam() ? [] : cache.Teams(name);
        foreach (var team in teams.Where(t => t.Metadata.DeletionTimestamp is null))
        {
            await client.DeleteExactlyAsync(team, null, ct).ConfigureAwait(false);
        }

        return await RemoveNamespaceAsync(user, ct).ConfigureAwait(false) && teams.Count == 0;
    }

    private async Task RemoveBindingsAsync(string user, CancellationToken ct)
    {
        var bindings = await client.ListAsync<RoleBinding>(null, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, ct).ConfigureAwait(false);

        // Anybody may put a label on what is theirs.
        foreach (var binding in bindings.Items.Where(b => b.Metadata.Name == UsersObjects.MemberBindingOf(user) || b.Metadata.Name?.StartsWith(UserWorkspace.TokenPrefix, StringComparison.Ordinal) == true))
        {
            await client.DeleteExactlyAsync(binding, null, ct).ConfigureAwait(false);

            // What else was bound to them there, under any name, and what they have handed on.
            if (UsersObjects.MemberOf(binding) == user)
            {
                await workspace.RemoveHandedOnAsync(binding.Metadata.Namespace!, user, ct).ConfigureAwait(false);
            }
        }

        if (user == UserDirectory.AdminName && await client.FindAsync<ClusterRoleBinding>(null, UsersObjects.AdminBinding().Metadata.Name!, ct).ConfigureAwait(false) is { } admin)
        {
            await client.DeleteExactlyAsync(admin, null, ct).ConfigureAwait(false);
        }
    }

    // What was said by, to or of somebody is not said of whoever is called so next.
    private async Task RemoveWordsAsync(string user, CancellationToken ct)
    {
        var requests = await client.ListAsync<Operationrequest>(UsersObjects.SystemNamespace, null, ct).ConfigureAwait(false);
        foreach (var request in requests.Items.Where(r => r.Spec?.User == user || r.Metadata.Labels?.GetValueOrDefault(UserKeys.Requester) == user))
        {
            request.Metadata.Namespace ??= UsersObjects.SystemNamespace;
            await client.DeleteExactlyAsync(request, null, ct).ConfigureAwait(false);
        }

        var invitations = await client.ListAsync<Invitation>(UsersObjects.SystemNamespace, null, ct).ConfigureAwait(false);
        foreach (var invitation in invitations.Items.Where(i => i.Spec is { } spec && (spec.User == user || spec.InvitedBy == user || i.Status?.AcceptedBy == user || spec.Namespace == UsersObjects.WorkspaceOf(user))))
        {
            invitation.Metadata.Namespace ??= UsersObjects.SystemNamespace;
            await client.DeleteExactlyAsync(invitation, null, ct).ConfigureAwait(false);
        }
    }

    private async Task<bool> RemoveNamespaceAsync(User user, CancellationToken ct)
    {
        var ns = await client.FindAsync<Namespace>(null, UsersObjects.WorkspaceOf(user.Metadata.Name!), ct).ConfigureAwait(false);
        if (ns is null || !UserWorkspace.IsOurs(user, ns))
        {
            return true;
        }

        if (ns.Metadata.DeletionTimestamp is null)
        {
            await client.DeleteExactlyAsync(ns, null, ct).ConfigureAwait(false);
        }

        return false;
    }
}
