using System.Text;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Passkeys;

namespace Sealos.OsServices.Users;

/// <summary>What an operator does with users, as objects of the Kubernetes API; each call needs the operator's own right.</summary>
public sealed class UserAccounts(KubeClient client)
{
    private const int Page = 500;

    /// <summary>Why nobody may be called so, or null when somebody may.</summary>
    public static string? NameProblem(string name) =>
        UserNames.IsValid(name) && !UserNames.IsReserved(name) ? null : $"'{name}' must be 1 to 50 lower-case letters, digits or hyphens, a letter first and no hyphen last, and neither 'default' nor 'token-…'";

    /// <summary>Why a password is not good enough, or null when it is.</summary>
    public static string? PasswordProblem(string name, string password) => PasswordRules.IsGood(name, password) ? null : PasswordRules.Advice;

    /// <summary>A random password that is good enough for anybody.</summary>
    public static string NewPassword() => PasswordHash.Generate();

    /// <summary>Makes a person, who may sign in once they are ready if there is a password.</summary>
    /// <exception cref="ApiException">There is a user of that name, among others.</exception>
    public async Task CreateAsync(string name, string? displayName, string? password, CancellationToken ct)
    {
        var user = new User { Metadata = new ObjectMeta { Name = name }, Spec = new UserSpec() };
        if (displayName is { Length: > 0 })
        {
            user.Metadata.Annotations = new Dictionary<string, string> { [UserKeys.DisplayName] = displayName };
        }

        await client.CreateAsync(user, ct).ConfigureAwait(false);
        if (password is not null)
        {
            await client.CreateAsync(UsersObjects.Password(name, PasswordHash.Create(password)), ct).ConfigureAwait(false);
        }
    }

    /// <summary>Users and teams whose name or display name holds a text, all of them where it is null; read page by page.</summary>
    public async Task<IReadOnlyList<User>> ListAsync(string? search, CancellationToken ct)
    {
        var found = new List<User>();
        string? next = null;
        do
        {
            var page = await client.ListAsync<User>(null, new ListQuery { Limit = Page, Continue = next }, ct).ConfigureAwait(false);
            found.AddRange(page.Items.Where(u => search is null || Holds(u.Metadata.Name) || Holds(u.Metadata.Annotations?.GetValueOrDefault(UserKeys.DisplayName))));
            next = page.Metadata.Continue is { Length: > 0 } token ? token : null;
        }
        while (next is not null);

        return found;

        bool Holds(string? text) => text?.Contains(search!, StringComparison.OrdinalIgnoreCase) == true;
    }

    /// <summary>One of them, or null.</summary>
    public Task<User?> FindAsync(string name, CancellationToken ct) => client.FindAsync<User>(null, name, ct);

    /// <summary>Ends every credential of a user and lets them get none, or lets them again.</summary>
    public Task SetLockedAsync(string name, bool isLocked, CancellationToken ct) => SetLockedAsync(name, isLocked, null, ct);

    /// <summary>The same with a reason, which operators read.</summary>
    public Task SetLockedAsync(string name, bool isLocked, string? reason, CancellationToken ct)
    {
        var metadata = new JsonObject
        {
            ["labels"] = new JsonObject { [UserKeys.Status] = isLocked ? UserKeys.StatusLocked : null },

            // What they asked for before is not done when they are let in again, or are deleted by somebody else.
            ["annotations"] = new JsonObject { [UserKeys.LockReason] = isLocked ? reason : null, [UserKeys.Leaving] = null, [UserKeys.MergedInto] = null },
        };
        return client.PatchAsync<User>(null, name, new JsonObject { ["metadata"] = metadata }, null, ct);
    }

    /// <summary>Takes a user's second factor away, recovery codes, passkeys and all; false when there was none.</summary>
    public async Task<bool> ResetSecondFactorAsync(string name, CancellationToken ct)
    {
        var hadCode = await TakeAwayAsync(SecondFactors.SecretOf(name), ct).ConfigureAwait(false);
        return await TakeAwayAsync(PasskeyStore.SecretOf(name), ct).ConfigureAwait(false) || hadCode;
    }

    private async Task<bool> TakeAwayAsync(string secret, CancellationToken ct) =>
        await client.FindAsync<Secret>(UsersObjects.SystemNamespace, secret, ct).ConfigureAwait(false) is { } found
        && await client.DeleteExactlyAsync(found, null, ct).ConfigureAwait(false);

    /// <summary>Begins the end of a user or team with all they have.</summary>
    public Task DeleteAsync(string name, CancellationToken ct) => client.DeleteAsync<User>(null, name, null, ct);

    /// <summary>What goes with a user: how many pods, volumes and services their workspace holds, and the teams they own.</summary>
    public async Task<(int Pods, int Volumes, int Services, IReadOnlyList<string> Teams)> HoldingsAsync(string name, CancellationToken ct)
    {
        var ns = UsersObjects.WorkspaceOf(name);
        var pods = await client.ListAsync<Pod>(ns, null, ct).ConfigureAwait(false);
        var volumes = await client.ListAsync<PersistentVolumeClaim>(ns, null, ct).ConfigureAwait(false);
        var services = await client.ListAsync<Service>(ns, null, ct).ConfigureAwait(false);
        var teams = await client.ListAsync<User>(null, UsersObjects.TeamsOf(name), ct).ConfigureAwait(false);
        return (pods.Items.Count, volumes.Items.Count, services.Items.Count, [.. teams.Items.Select(t => t.Metadata.Name!).Where(t => t != name)]);
    }

    /// <summary>A person's kubeconfig with their credential; null while there is none, as for teams and the locked.</summary>
    public async Task<string?> KubeConfigAsync(string name, CancellationToken ct)
    {
        var secret = await client.FindAsync<Secret>(UsersObjects.SystemNamespace, UserCredentials.KubeConfigSecretOf(name), ct).ConfigureAwait(false);
        return secret?.Data?.GetValueOrDefault("kubeconfig") is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
    }
}
