using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.SignIn.Passkeys;

namespace Sealos.OsServices.Users;

/// <summary>
/// Users as the Kubernetes API keeps them: a workspace, a service account whose token is the user's credential everywhere,
/// and a Secret with the password's hash. There is no other store of identity.
/// </summary>
public sealed class UserDirectory(KubeClient client)
{
    /// <summary>The operator's own user, made when the cloud first starts.</summary>
    public const string AdminName = "admin";

    /// <summary>The namespace of the users' service accounts.</summary>
    public const string AccountsNamespace = UsersObjects.SystemNamespace;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Makes the user <c>admin</c> unless it is there; returns its new password, or null when it had one.</summary>
    public async Task<string?> EnsureAdminAsync(CancellationToken ct)
    {
        var password = await PrepareAdminAsync(ct).ConfigureAwait(false);
        return await SetAdminPasswordAsync(password, ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes what the user <c>admin</c> needs before component <c>users</c> makes the user itself, and answers a password it could
    /// have, or null when it has one. It is set by itself, so that whoever can only show it later does not lose it before.
    /// </summary>
    public async Task<NewPassword?> PrepareAdminAsync(CancellationToken ct)
    {
        await client.TryCreateAsync(UsersObjects.System(), ct).ConfigureAwait(false);
        await client.TryCreateAsync(UsersObjects.Workspace(AdminName), ct).ConfigureAwait(false);
        return await client.FindAsync<Secret>(UsersObjects.SystemNamespace, UsersObjects.PasswordSecretOf(AdminName), ct).ConfigureAwait(false) is null ? new NewPassword() : null;
    }

    /// <summary>Waits until a user may enter, which is some moments after it was made; false when that takes too long.</summary>
    public async Task<bool> IsReadyWithinAsync(string user, TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < limit)
        {
            if (await client.FindAsync<User>(null, user, ct).ConfigureAwait(false) is { } found && UserConditions.Holds(found, UserConditions.Ready))
            {
                return true;
            }

            await Task.Delay(Look, time, ct).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Gives the user <c>admin</c> its first password and returns it; null when there is none to give or it has one.</summary>
    public async Task<string?> SetAdminPasswordAsync(NewPassword? password, CancellationToken ct) =>
        password is not null && await client.TryCreateAsync(UsersObjects.Password(AdminName, password.Hash), ct).ConfigureAwait(false) ? password.Text : null;

    /// <summary>Gives a user a new random password and returns it; the old one, every passkey, linked identity, authenticator with its recovery codes, and session, the kubeconfig and the personal tokens end at once.</summary>
    /// <exception cref="ApiException">There is no such user.</exception>
    public async Task<string> ResetPasswordAsync(string user, CancellationToken ct)
    {
        await client.GetAsync<ServiceAccount>(UsersObjects.SystemNamespace, user, ct).ConfigureAwait(false);
        var password = PasswordHash.Generate();
        try
        {
            // Made anew, not changed: who has just proved the old one and has no session yet gets none.
            await client.DeleteAsync<Secret>(UsersObjects.SystemNamespace, UsersObjects.PasswordSecretOf(user), null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // The user had no password.
        }

        // What opens sessions without the password goes, too, or whoever has got at one would keep it; and an authenticator with its recovery
        // codes, which whoever took the user over may have added and would keep its owner out with. After the sessions that could make
        // another, and before those that were opened with it meanwhile.
        await Sessions.EndAllAsync(client, user, null, ct).ConfigureAwait(false);
        await AccountSecrets.DeleteAsync(client, AccountSecrets.Of(user), s => s.Type is PasskeyStore.SetType or OutsideIdentity.SecretType or SecondFactors.SecretType || s.Metadata.Name == UsersObjects.PasswordSecretOf(user), ct).ConfigureAwait(false);
        await Sessions.EndAllAsync(client, user, null, ct).ConfigureAwait(false);
        await UserCredentials.EndProgramsAsync(client, user, ct).ConfigureAwait(false);
        await client.CreateAsync(UsersObjects.Password(user, PasswordHash.Create(password)), ct).ConfigureAwait(false);
        return password;
    }

    /// <summary>The namespace of a user's private workspace.</summary>
    public static string WorkspaceOf(string user) => UsersObjects.WorkspaceOf(user);
}
