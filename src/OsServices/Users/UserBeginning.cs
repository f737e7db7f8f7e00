using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users.Requests;

namespace Sealos.OsServices.Users;

/// <summary>
/// What somebody who signed up was promised and a server that ended halfway did not do: the user says so until all of it is done. One whom nothing
/// lets in goes again, with their invitation given back, as they would only keep the name from others.
/// </summary>
internal sealed class UserBeginning(KubeClient client, TimeProvider time)
{
    private const string Ns = UsersObjects.SystemNamespace;

    // Longer than anybody waits for an answer.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>In how long a user who is signing up is looked after; null for everybody else.</summary>
    public TimeSpan? DueIn(User user) =>
        user.Metadata.Annotations?.ContainsKey(UserKeys.SigningUp) == true ? (user.Metadata.CreationTimestamp ?? time.GetUtcNow()) + Longest - time.GetUtcNow() : null;

    /// <summary>Notes that a user has got all they signed up for.</summary>
    public static Task EndAsync(KubeClient client, User user, CancellationToken ct)
    {
        var metadata = new JsonObject { ["uid"] = user.Metadata.Uid, ["annotations"] = new JsonObject { [UserKeys.SigningUp] = null } };
        return client.PatchAsync<User>(null, user.Metadata.Name!, new JsonObject { ["metadata"] = metadata }, null, ct);
    }

    /// <summary>Finishes what is left to do; false when the user goes instead.</summary>
    public async Task<bool> FinishAsync(User known, CancellationToken ct)
    {
        var name = known.Metadata.Name!;
        var user = await client.FindAsync<User>(null, name, ct).ConfigureAwait(false);
        if (user?.Metadata.Uid != known.Metadata.Uid || user?.Metadata.Annotations?.GetValueOrDefault(UserKeys.SigningUp) is not { } by)
        {
            return true;
        }

        var invitation = by.Length == 0 ? null : await client.FindAsync<Invitation>(Ns, by, ct).ConfigureAwait(false);
        var own = invitation?.Status is { Phase: InvitationStatus.Accepted } status && status.AcceptedBy == name ? invitation : null;
        if (!await HasWayInAsync(name, ct).ConfigureAwait(false))
        {
            await GiveBackAsync(own, ct).ConfigureAwait(false);
            await client.DeleteExactlyAsync(user, null, ct).ConfigureAwait(false);
            return false;
        }

        await EnterAsync(name, own, ct).ConfigureAwait(false);
        await EndAsync(client, user, ct).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> HasWayInAsync(string user, CancellationToken ct)
    {
        var secrets = await client.ListAsync<Secret>(Ns, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, ct).ConfigureAwait(false);
        return secrets.Items.Any(s => s.Metadata.Name == UsersObjects.PasswordSecretOf(user) || s.Type == OutsideIdentity.SecretType || s.Metadata.Name == PasskeyStore.SecretOf(user));
    }

    private async Task GiveBackAsync(Invitation? own, CancellationToken ct)
    {
        if (own is not null)
        {
            own.Status = new InvitationStatus { Phase = InvitationStatus.Pending };
            await client.UpdateStatusAsync(own, ct).ConfigureAwait(false);
        }
    }

    // Of one name, so that it is asked for once.
    private async Task EnterAsync(string user, Invitation? own, CancellationToken ct)
    {
        if (own?.Spec is { Namespace: { } ns, Role: { } role } && await Requesters.RoleOfAsync(client, user, ns, ct).ConfigureAwait(false) is null)
        {
            var request = new Operationrequest
            {
                Metadata = new ObjectMeta { Name = $"{user}-{own.Metadata.Uid![..8]}", Namespace = Ns },
                Spec = new OperationrequestSpec { Namespace = ns, User = user, Role = role, Action = "Grant" },
            };
            await client.TryCreateAsync(request, ct).ConfigureAwait(false);
        }
    }
}
