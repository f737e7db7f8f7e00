using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users.Requests;

namespace Sealos.OsServices.Users;

/// <summary>Passes what somebody has to another account of theirs: identities, passkeys, teams and roles. Each step can be taken again.</summary>
internal sealed class UserMerge(KubeClient client, UserWorkspace workspace, MembershipChange change)
{
    private const string Ns = UsersObjects.SystemNamespace;

    public async Task PassOnAsync(User from, User to, CancellationToken ct)
    {
        await PassIdentitiesAsync(from, to, ct).ConfigureAwait(false);
        await PasskeyTransfer.PassAsync(client, from.Metadata.Name!, to, ct).ConfigureAwait(false);
        await PassRolesAsync(from.Metadata.Name!, to.Metadata.Name!, ct).ConfigureAwait(false);
    }

    // The Secret's name is the lock of an identity, so it stays the same one and is nobody's else at any moment. What whoever was called so before
    // has left behind is not this person's to pass on.
    private async Task PassIdentitiesAsync(User from, User to, CancellationToken ct)
    {
        var found = await client.ListAsync<Secret>(Ns, AccountSecrets.Of(from.Metadata.Name!, OutsideIdentity.SecretType), ct).ConfigureAwait(false);
        foreach (var identity in found.Items.Where(i => !CredentialOwner.IsOfAnother(i, from)))
        {
            identity.Metadata.Namespace ??= Ns;
            identity.Metadata.Labels![UserKeys.Owner] = to.Metadata.Name!;
            (identity.Metadata.Annotations ??= [])[UserKeys.UserUid] = to.Metadata.Uid!;
            await client.UpdateAsync(identity, ct).ConfigureAwait(false);
        }
    }

    private async Task PassRolesAsync(string from, string to, CancellationToken ct)
    {
        var owned = await client.ListAsync<User>(null, UsersObjects.TeamsOf(from), ct).ConfigureAwait(false);
        foreach (var team in owned.Items.Where(t => t.Metadata.DeletionTimestamp is null))
        {
            await change.MoveOwnershipAsync(team, to, ct).ConfigureAwait(false);
        }

        var bindings = await client.ListAsync<RoleBinding>(null, new ListQuery { LabelSelector = $"{UserKeys.Owner}={from}" }, ct).ConfigureAwait(false);
        foreach (var binding in bindings.Items.Where(b => UsersObjects.MemberOf(b) == from && b.RoleRef is { Name: UserRoles.Manager or UserRoles.Developer }))
        {
            var ns = binding.Metadata.Namespace!;
            if (UserRoles.Rank(await Requesters.RoleOfAsync(client, to, ns, ct).ConfigureAwait(false)) < UserRoles.Rank(binding.RoleRef!.Name))
            {
                await workspace.SetMemberAsync(ns, to, binding.RoleRef.Name!, ct).ConfigureAwait(false);
            }
        }
    }
}
