using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>
/// People's second factors: the Secret <c>sealos-totp-USER</c> with the authenticator's key, the step last used, and the hashes of recovery
/// codes. Whatever is used up is written with the object's version as the lock, so two at once cannot use the same.
/// </summary>
internal sealed class SecondFactors(KubeClient client, TimeProvider time)
{
    /// <summary>The type of the Secret that holds a second factor.</summary>
    public const string SecretType = "user.sealos.io/totp";

    private const string KeyField = "key";
    private const string LastField = "last";
    private const string RecoveryField = "recovery";
    private const string ConfirmedField = "confirmed";
    private const int RecoveryCodes = 10;
    private const int LongestCode = 32;

    /// <summary>The name of the Secret that holds a user's.</summary>
    public static string SecretOf(string user) => $"sealos-totp-{user}";

    /// <summary>The second factor of a user, or null when there is none that counts.</summary>
    public async Task<Secret?> FindAsync(string user, CancellationToken ct) =>
        await ReadAsync(user, ct).ConfigureAwait(false) is { } factor && factor.Data?.ContainsKey(ConfirmedField) == true ? factor : null;

    /// <summary>How many recovery codes are left.</summary>
    public static int CodesLeft(Secret factor) => HashesOf(factor).Count;

    /// <summary>A new key, which counts once a code of it is confirmed; null when there is one that counts.</summary>
    public async Task<byte[]?> StartAsync(string user, CancellationToken ct)
    {
        var key = Totp.NewSecret();
        var old = await ReadAsync(user, ct).ConfigureAwait(false);
        if (old?.Data?.ContainsKey(ConfirmedField) == true)
        {
            return null;
        }

        if (old is not null)
        {
            await client.DeleteExactlyAsync(old, null, ct).ConfigureAwait(false);
        }

        await client.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta
                {
                    Name = SecretOf(user),
                    Namespace = UserDirectory.AccountsNamespace,
                    Labels = UsersObjects.OwnedBy(user),
                    Annotations = await CredentialOwner.AnnotateAsync(client, user, ct).ConfigureAwait(false),
                },
                Type = SecretType,
                Data = new Dictionary<string, byte[]> { [KeyField] = key },
            },
            ct).ConfigureAwait(false);
        return key;
    }

    /// <summary>Lets the new key count, if the code is of it; the recovery codes are returned here and never again.</summary>
    public async Task<IReadOnlyList<string>?> ConfirmAsync(string user, string code, CancellationToken ct)
    {
        if (await ReadAsync(user, ct).ConfigureAwait(false) is not { Data: { } data } factor || data.ContainsKey(ConfirmedField) || Totp.Match(data[KeyField], code, time.GetUtcNow(), -1) is not { } step)
        {
            return null;
        }

        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 12)).ToList();
        data[ConfirmedField] = Encoding.ASCII.GetBytes(time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        data[LastField] = Encoding.ASCII.GetBytes(step.ToString(CultureInfo.InvariantCulture));
        data[RecoveryField] = Encoding.ASCII.GetBytes(string.Join('\n', codes.Select(HashOf)));
        return await WriteAsync(factor, ct).ConfigureAwait(false) ? [.. codes.Select(c => $"{c[..4]}-{c[4..8]}-{c[8..]}")] : null;
    }

    /// <summary>Uses up a code of the authenticator or a recovery code; false when it is neither, or was used before.</summary>
    public async Task<bool> UseAsync(Secret factor, string? code, CancellationToken ct)
    {
        if (code is not { Length: > 0 and <= LongestCode } || factor.Data is not { } data)
        {
            return false;
        }

        var last = data.TryGetValue(LastField, out var bytes) && long.TryParse(bytes, CultureInfo.InvariantCulture, out var seen) ? seen : -1;
        if (Totp.Match(data[KeyField], code, time.GetUtcNow(), last) is { } step)
        {
            data[LastField] = Encoding.ASCII.GetBytes(step.ToString(CultureInfo.InvariantCulture));
            return await WriteAsync(factor, ct).ConfigureAwait(false);
        }

        // The codes are random and long enough for a plain hash.
        var hashes = HashesOf(factor);
        if (!hashes.Remove(HashOf(new string([.. code.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit)]))))
        {
            return false;
        }

        data[RecoveryField] = Encoding.ASCII.GetBytes(string.Join('\n', hashes));
        return await WriteAsync(factor, ct).ConfigureAwait(false);
    }

    public Task RemoveAsync(Secret factor, CancellationToken ct) => client.DeleteExactlyAsync(factor, null, ct);

    private static List<string> HashesOf(Secret factor) =>
        factor.Data?.TryGetValue(RecoveryField, out var bytes) == true ? [.. Encoding.ASCII.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries)] : [];

    private static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    private Task<Secret?> ReadAsync(string user, CancellationToken ct) => CredentialOwner.FindAsync(client, SecretOf(user), ct);

    private async Task<bool> WriteAsync(Secret factor, CancellationToken ct)
    {
        try
        {
            await client.UpdateAsync(factor, ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return false;
        }
    }
}
