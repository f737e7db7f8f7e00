using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>Checks and sets people's passwords.</summary>
internal sealed class Passwords(KubeClient client, PasswordHasher hasher, AttemptGuard guard)
{
    /// <summary>The Secret of a password that is right. Takes as long for unknown users as for known ones, and says the same.</summary>
    public async Task<Secret> VerifyAsync(string user, string? password, ClientInfo from, CancellationToken ct)
    {
        if (user.Length > PasswordRules.LongestText || password is not { Length: > 0 and <= PasswordRules.LongestText })
        {
            throw ServiceException.Invalid("password", $"Name and password are needed, each of at most {PasswordRules.LongestText} characters.");
        }

        guard.Check(user, from);
        var secret = await FindAsync(user, ct).ConfigureAwait(false);
        var hash = secret?.Data?.GetValueOrDefault("hash") is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
        if (!await hasher.VerifyAsync(password, hash, ct).ConfigureAwait(false))
        {
            guard.Failed(user, from);
            throw Refusals.Wrong();
        }

        guard.Succeeded(user, from);
        return PasswordHash.IsOutdated(hash!) ? await UpgradeAsync(secret!, password, ct).ConfigureAwait(false) : secret!;
    }

    /// <summary>The Secret of a user's password, or null.</summary>
    public async Task<Secret?> FindAsync(string user, CancellationToken ct) =>
        UserNames.IsValid(user) ? await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, UsersObjects.PasswordSecretOf(user), ct).ConfigureAwait(false) : null;

    /// <summary>Refuses a password that is none.</summary>
    public static string Require(string user, string? password, string field) =>
        password is not null && PasswordRules.IsGood(user, password) ? password : throw ServiceException.Invalid(field, PasswordRules.Advice);

    /// <summary>Gives a user a password, in place of <paramref name="old"/> where there is one; fails when somebody else was quicker.</summary>
    public async Task<Secret> SetAsync(string user, string password, Secret? old, CancellationToken ct)
    {
        var hash = await hasher.CreateAsync(password, ct).ConfigureAwait(false);
        if (old is null)
        {
            var first = UsersObjects.Password(user, hash);
            first.Metadata.Annotations = await CredentialOwner.AnnotateAsync(client, user, ct).ConfigureAwait(false);
            return await client.CreateAsync(first, ct).ConfigureAwait(false);
        }

        old.Data = new Dictionary<string, byte[]> { ["hash"] = Encoding.ASCII.GetBytes(hash) };
        return await client.UpdateAsync(old, ct).ConfigureAwait(false);
    }

    private async Task<Secret> UpgradeAsync(Secret secret, string password, CancellationToken ct)
    {
        try
        {
            return await SetAsync("", password, secret, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // Somebody else upgraded it, or it was reset; whether it still holds is looked at when the session opens.
            return await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, secret.Metadata.Name!, ct).ConfigureAwait(false) is { } now && now.Metadata.Uid == secret.Metadata.Uid
                && await hasher.VerifyAsync(password, Encoding.ASCII.GetString(now.Data!["hash"]), ct).ConfigureAwait(false) ? now : throw Refusals.Wrong();
        }
    }
}
