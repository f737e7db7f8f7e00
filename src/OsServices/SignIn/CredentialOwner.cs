using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// Whose a credential is for good. A name may pass to somebody else, and what was left behind under it, as when the server ended halfway,
/// must not let whoever had it before in to whoever has it next: the uid of a User is nobody else's ever.
/// </summary>
internal static class CredentialOwner
{
    /// <summary>The annotations of a new credential of somebody who is there.</summary>
    public static async Task<Dictionary<string, string>> AnnotateAsync(KubeClient client, string user, CancellationToken ct) =>
        await client.FindAsync<User>(null, user, ct).ConfigureAwait(false) is { Metadata: { DeletionTimestamp: null, Uid: { } uid } } ? new() { [UserKeys.UserUid] = uid } : throw Refusals.StepIsOver();

    /// <summary>Makes a credential that is not there yet a user's.</summary>
    public static void Bind(Secret credential, string userUid) => (credential.Metadata.Annotations ??= [])[UserKeys.UserUid] = userUid;

    /// <summary>Whether a credential is of somebody else who was called so; one that says nothing is of nobody else.</summary>
    public static bool IsOfAnother(Secret credential, User? user) => credential.Metadata.Annotations?.GetValueOrDefault(UserKeys.UserUid) is { } uid && uid != user?.Metadata.Uid;

    /// <summary>A credential by its name, or null; what is of somebody who was called so before is taken away and not there.</summary>
    public static async Task<Secret?> FindAsync(KubeClient client, string name, CancellationToken ct)
    {
        var credential = await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, name, ct).ConfigureAwait(false);
        if (credential is null || SessionObjects.OwnerOf(credential) is not { } owner || !IsOfAnother(credential, await client.FindAsync<User>(null, owner, ct).ConfigureAwait(false)))
        {
            return credential;
        }

        await client.DeleteExactlyAsync(credential, null, ct).ConfigureAwait(false);
        return null;
    }

    /// <summary>Takes away what was left behind by whoever was called as a new user is.</summary>
    public static Task SweepAsync(KubeClient client, User user, CancellationToken ct) =>
        AccountSecrets.DeleteAsync(client, AccountSecrets.Of(user.Metadata.Name!), s => IsOfAnother(s, user), ct);
}
