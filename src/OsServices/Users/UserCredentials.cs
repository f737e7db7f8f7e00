using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;

namespace Sealos.OsServices.Users;

/// <summary>A person's service account, kubeconfig, and the end of all their credentials.</summary>
internal sealed class UserCredentials(KubeClient client, UsersCache cache, UsersOptions options, TimeProvider time)
{
    /// <summary>The type of the Secret that a kubeconfig's token is bound to.</summary>
    public const string TokenType = "user.sealos.io/kubeconfig-token";

    /// <summary>The type of the Secret that holds a kubeconfig.</summary>
    public const string KubeConfigType = "user.sealos.io/kubeconfig";

    // What the present kubeconfig was made for; annotations of its Secret.
    private const string BoundTo = "user.sealos.io/token-secret";
    private const string Issued = "user.sealos.io/issued";
    private const string Expires = "user.sealos.io/expires";
    private const string Seconds = "user.sealos.io/expiration-seconds";
    private const string RotateAt = "user.sealos.io/rotate-at";

    private const string TokenKey = "token";
    private const string KubeConfigKey = "kubeconfig";

    // What Kubernetes takes; it may give less, and says so.
    private const int ShortestSeconds = 600;
    private const double WornOut = 0.8;
    private const string Ns = UsersObjects.SystemNamespace;

    // What lets somebody act as the user. The password is not among them: it is asked for at sign-in, which asks for the lock too.
    private static readonly string[] Live = [TokenType, KubeConfigType, UsersObjects.SessionType, UsersObjects.PersonalTokenType];

    private readonly ObjectKeeper _keeper = new(client);

    /// <summary>The name of the Secret that holds a user's kubeconfig.</summary>
    public static string KubeConfigSecretOf(string user) => $"sealos-kubeconfig-{user}";

    public async Task EnsureAccountAsync(string user, CancellationToken ct)
    {
        var wanted = UsersObjects.Account(user);
        var current = cache.Accounts.Get(Ns, user) ?? await client.FindAsync<ServiceAccount>(Ns, user, ct).ConfigureAwait(false);
        if (current is not null && current.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner) != user)
        {
            throw new StepRefusedException("ServiceAccountTaken", $"service account {Ns}/{user} is somebody else's");
        }

        await _keeper.EnsureAsync(cache.Accounts, wanted, ct).ConfigureAwait(false);
    }

    /// <summary>Makes the kubeconfig, or a new one where the present one is worn out or another is asked for; answers when to look again.</summary>
    public async Task<TimeSpan> EnsureKubeConfigAsync(User user, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        var kept = await client.FindAsync<Secret>(Ns, KubeConfigSecretOf(name), ct).ConfigureAwait(false);
        if (kept is null || !await IsGoodAsync(user, kept, ct).ConfigureAwait(false))
        {
            kept = await RotateAsync(user, kept, ct).ConfigureAwait(false);
        }
        else if (Text(kept, KubeConfigKey) != UserKubeConfig.Text(options, name, Text(kept, TokenKey)))
        {
            // The API is reached elsewhere by now.
            kept.Data![KubeConfigKey] = Encoding.UTF8.GetBytes(UserKubeConfig.Text(options, name, Text(kept, TokenKey)));
            kept = await client.UpdateAsync(kept, ct).ConfigureAwait(false);
        }

        var present = kept.Metadata.Annotations![BoundTo];
        foreach (var old in cache.TokensOf(name).Where(s => s.Metadata.Name != present))
        {
            await client.DeleteExactlyAsync(old, null, ct).ConfigureAwait(false);
        }

        return WornOutAt(kept) - time.GetUtcNow();
    }

    /// <summary>Ends every credential of a user at once: tokens end with the Secrets they are bound to.</summary>
    public Task EndAllAsync(string user, bool withPassword, CancellationToken ct) =>
        AccountSecrets.DeleteAsync(client, AccountSecrets.Of(user), s => withPassword || Live.Contains(s.Type), ct);

    /// <summary>
    /// Ends the tokens of a user's kubeconfig and of their programs, as they end with the Secrets they are bound to; a new kubeconfig is
    /// made by itself. For whoever fears that somebody else has them: a new password alone would leave them.
    /// </summary>
    public static Task EndProgramsAsync(KubeClient client, string user, CancellationToken ct) =>
        AccountSecrets.DeleteAsync(client, AccountSecrets.Of(user), s => s.Type is TokenType or UsersObjects.PersonalTokenType, ct);

    /// <summary>Takes away the user's service account and those of their personal tokens.</summary>
    public async Task RemoveAccountsAsync(string user, CancellationToken ct)
    {
        var accounts = await client.ListAsync<ServiceAccount>(Ns, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, ct).ConfigureAwait(false);
        foreach (var account in accounts.Items)
        {
            account.Metadata.Namespace ??= Ns;
            await client.DeleteExactlyAsync(account, null, ct).ConfigureAwait(false);
        }
    }

    private static string? Text(Secret secret, string key) => secret.Data?.GetValueOrDefault(key) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private static string SecondsOf(User user) => (user.Spec?.CsrExpirationSeconds ?? 0).ToString(CultureInfo.InvariantCulture);

    private static string RotationOf(User user) => user.Spec?.KubeConfigRotateAt is { } at ? Write(at) : "";

    private static string Write(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset Read(Secret secret, string key) =>
        DateTimeOffset.TryParse(secret.Metadata.Annotations?.GetValueOrDefault(key), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MinValue;

    private static DateTimeOffset WornOutAt(Secret kept)
    {
        var issued = Read(kept, Issued);
        return issued + ((Read(kept, Expires) - issued) * WornOut);
    }

    private async Task<bool> IsGoodAsync(User user, Secret kept, CancellationToken ct)
    {
        var marks = kept.Metadata.Annotations;
        if (marks?.GetValueOrDefault(BoundTo) is not { } bound || Text(kept, TokenKey) is null
            || marks.GetValueOrDefault(Seconds) != SecondsOf(user) || marks.GetValueOrDefault(RotateAt) != RotationOf(user) || time.GetUtcNow() >= WornOutAt(kept))
        {
            return false;
        }

        return cache.Tokens.Get(Ns, bound) is not null || await client.FindAsync<Secret>(Ns, bound, ct).ConfigureAwait(false) is not null;
    }

    private async Task<Secret> RotateAsync(User user, Secret? kept, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        var bound = await client.CreateAsync(NewTokenSecret(name), ct).ConfigureAwait(false);
        var issued = time.GetUtcNow();
        var status = await AccountTokens.IssueAsync(client, name, bound, Math.Max(ShortestSeconds, user.Spec?.CsrExpirationSeconds ?? int.MaxValue), ct).ConfigureAwait(false);
        var wanted = new Secret
        {
            Metadata = new ObjectMeta
            {
                Name = KubeConfigSecretOf(name),
                Namespace = Ns,
                Labels = UsersObjects.OwnedBy(name),
                ResourceVersion = kept?.Metadata.ResourceVersion,
                Annotations = new Dictionary<string, string>
                {
                    [BoundTo] = bound.Metadata.Name!,
                    [Issued] = Write(issued),
                    [Expires] = Write(status.ExpirationTimestamp ?? issued.AddSeconds(ShortestSeconds)),
                    [Seconds] = SecondsOf(user),
                    [RotateAt] = RotationOf(user),
                },
            },
            Type = KubeConfigType,
            Data = new Dictionary<string, byte[]>
            {
                [TokenKey] = Encoding.ASCII.GetBytes(status.Token!),
                [KubeConfigKey] = Encoding.UTF8.GetBytes(UserKubeConfig.Text(options, name, status.Token)),
            },
        };
        return kept is null ? await client.CreateAsync(wanted, ct).ConfigureAwait(false) : await client.UpdateAsync(wanted, ct).ConfigureAwait(false);
    }

    private static Secret NewTokenSecret(string user) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = $"sealos-token-{user}-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 5)}",
            Namespace = Ns,
            Labels = UsersObjects.OwnedBy(user),
        },
        Type = TokenType,
    };
}
