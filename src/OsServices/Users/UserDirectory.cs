using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;

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

    // Verified against when no such user exists, so that an answer takes as long as for one who does.
    private static readonly string Decoy = PasswordHash.Create(PasswordHash.Generate());

    /// <summary>Makes the user <c>admin</c> unless it is there; returns its new password, or null when it had one.</summary>
    public async Task<string?> EnsureAdminAsync(CancellationToken ct)
    {
        var password = await PrepareAdminAsync(ct).ConfigureAwait(false);
        return await SetAdminPasswordAsync(password, ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes everything of the user <c>admin</c> but its password, and answers one it could have, or null when it has one. It is
    /// set by itself, so that whoever can only show it later does not lose it before.
    /// </summary>
    public async Task<NewPassword?> PrepareAdminAsync(CancellationToken ct)
    {
        await CreateIfMissingAsync(UsersObjects.System(), ct).ConfigureAwait(false);
        await CreateIfMissingAsync(UsersObjects.Workspace(AdminName), ct).ConfigureAwait(false);
        await CreateIfMissingAsync(UsersObjects.Account(AdminName), ct).ConfigureAwait(false);
        foreach (var role in UsersObjects.Roles(AdminName))
        {
            await CreateIfMissingAsync(role, ct).ConfigureAwait(false);
        }

        await CreateIfMissingAsync(UsersObjects.OwnerBinding(AdminName), ct).ConfigureAwait(false);
        await CreateIfMissingAsync(UsersObjects.AdminBinding(), ct).ConfigureAwait(false);
        return await client.FindAsync<Secret>(UsersObjects.SystemNamespace, UsersObjects.PasswordSecretOf(AdminName), ct).ConfigureAwait(false) is null ? new NewPassword() : null;
    }

    /// <summary>Gives the user <c>admin</c> its first password and returns it; null when there is none to give or it has one.</summary>
    public async Task<string?> SetAdminPasswordAsync(NewPassword? password, CancellationToken ct) =>
        password is not null && await CreateIfMissingAsync(UsersObjects.Password(AdminName, password.Hash), ct).ConfigureAwait(false) ? password.Text : null;

    /// <summary>Gives a user a new random password and returns it; the old one and every session opened with it end at once.</summary>
    /// <exception cref="ApiException">There is no such user.</exception>
    public async Task<string> ResetPasswordAsync(string user, CancellationToken ct)
    {
        await client.GetAsync<ServiceAccount>(UsersObjects.SystemNamespace, user, ct).ConfigureAwait(false);
        var password = PasswordHash.Generate();
        try
        {
            // Made anew, not changed: tokens are bound to the Secret they were issued for and end with it.
            await client.DeleteAsync<Secret>(UsersObjects.SystemNamespace, UsersObjects.PasswordSecretOf(user), null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // The user had no password.
        }

        await client.CreateAsync(UsersObjects.Password(user, PasswordHash.Create(password)), ct).ConfigureAwait(false);
        return password;
    }

    /// <summary>
    /// The user's own credential for the API when the password is theirs, else null; takes as long for unknown users as for
    /// known ones. The credential ends when the password is reset.
    /// </summary>
    public async Task<string?> SignInAsync(string user, string password, TimeSpan lifetime, CancellationToken ct)
    {
        var secret = UserNames.IsValid(user)
            ? await client.FindAsync<Secret>(UsersObjects.SystemNamespace, UsersObjects.PasswordSecretOf(user), ct).ConfigureAwait(false)
            : null;
        var hash = secret?.Data?.GetValueOrDefault("hash") is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
        return PasswordHash.Verify(password, hash ?? Decoy) && hash is not null ? await IssueTokenAsync(user, secret!, lifetime, ct).ConfigureAwait(false) : null;
    }

    private async Task<string> IssueTokenAsync(string user, Secret password, TimeSpan lifetime, CancellationToken ct)
    {
        var request = new TokenRequest
        {
            ApiVersion = "authentication.k8s.io/v1",
            Kind = "TokenRequest",
            Spec = new TokenRequestSpec
            {
                ExpirationSeconds = (long)lifetime.TotalSeconds,
                BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Secret", Name = password.Metadata.Name, Uid = password.Metadata.Uid },
            },
        };
        var path = ServiceAccount.KubeKind.Path(UsersObjects.SystemNamespace, user, "token");
        var issued = await client.PostAsync<TokenRequest, TokenRequest>(path, request, ct).ConfigureAwait(false);
        return issued.Status?.Token ?? throw new InvalidDataException("the API server issued an empty token");
    }

    /// <summary>The namespace of a user's private workspace.</summary>
    public static string WorkspaceOf(string user) => UsersObjects.WorkspaceOf(user);

    private async Task<bool> CreateIfMissingAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubeObject<T>, new()
    {
        try
        {
            await client.CreateAsync(obj, ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            return false;
        }
    }
}
