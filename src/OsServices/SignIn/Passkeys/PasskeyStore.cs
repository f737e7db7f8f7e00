using System.Security.Cryptography;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>
/// Keeps people's passkeys. What is changed is written with the Secret's version as the lock. A second Secret, named after the handle and
/// gone with the first, says whose a handle is: authenticators are told neither the user's name nor anything that it could be guessed from.
/// </summary>
internal sealed class PasskeyStore(KubeClient client)
{
    /// <summary>How many a user may have.</summary>
    public const int Most = 20;

    /// <summary>The type of the Secret that holds them.</summary>
    public const string SetType = "user.sealos.io/passkeys";
    private const string HandleType = "user.sealos.io/passkeys-handle";
    private const string HandlePrefix = "passkeys-";
    private const int HandleLength = 16;

    /// <summary>The name of the Secret that holds a user's.</summary>
    public static string SecretOf(string user) => $"sealos-passkeys-{user}";

    public static byte[] NewHandle() => RandomNumberGenerator.GetBytes(HandleLength);

    public async Task<PasskeySet?> FindAsync(string user, CancellationToken ct) =>
        UserNames.IsValid(user) && await CredentialOwner.FindAsync(client, SecretOf(user), ct).ConfigureAwait(false) is { } secret ? new PasskeySet(secret) : null;

    /// <summary>Whether a user has one.</summary>
    public async Task<bool> HasAnyAsync(string user, CancellationToken ct)
    {
        if (await FindAsync(user, ct).ConfigureAwait(false) is not { All.Count: > 0, Handle: { } handle } set)
        {
            return false;
        }

        // The server may have ended between the two Secrets, and what counts must be of use.
        if (await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, NameOf(handle), ct).ConfigureAwait(false) is null)
        {
            await client.TryCreateAsync(HandleSecret(user, handle, set.Secret), ct).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Whose a handle is, with their passkeys; null when it is nobody's.</summary>
    public async Task<(string User, PasskeySet Set)?> FindByHandleAsync(byte[] handle, CancellationToken ct)
    {
        if (handle.Length != HandleLength)
        {
            return null;
        }

        var found = await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, NameOf(handle), ct).ConfigureAwait(false);
        return found?.Type == HandleType && SessionObjects.OwnerOf(found) is { } user && await FindAsync(user, ct).ConfigureAwait(false) is { } set && set.IsKnownBy(handle)
            ? (user, set)
            : null;
    }

    /// <summary>Adds a user's first or next; false when somebody else was quicker, there are too many, or the handle is another by now.</summary>
    public async Task<bool> TryAddAsync(string user, byte[] handle, Passkey passkey, CancellationToken ct)
    {
        var set = await FindAsync(user, ct).ConfigureAwait(false);
        if (set is null)
        {
            set = new PasskeySet(NewSecret(user, SecretOf(user), SetType));
            set.Secret.Data = PasskeySet.NewData(handle);
            set.Secret.Metadata.Annotations = await CredentialOwner.AnnotateAsync(client, user, ct).ConfigureAwait(false);
            set.Put(passkey);
            if (!await client.TryCreateAsync(set.Secret, ct).ConfigureAwait(false))
            {
                return false;
            }

            set = await FindAsync(user, CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            if (set.All.Count >= Most || set.Find(passkey.Id) is not null || set.Handle?.AsSpan().SequenceEqual(handle) != true)
            {
                return false;
            }

            set.Put(passkey);
            set = await TryWriteAsync(set, ct).ConfigureAwait(false);
        }

        if (set is not null)
        {
            // Each time, as the server may have ended between the two; and whoever asked may be gone by now.
            await client.TryCreateAsync(HandleSecret(user, handle, set.Secret), CancellationToken.None).ConfigureAwait(false);
        }

        return set is not null;
    }

    /// <summary>Takes one away that was added on the word of a credential or session that has ended meanwhile.</summary>
    public async Task TakeBackAsync(string user, string id)
    {
        // Whoever asked may be gone; and whoever was quicker has changed something else.
        PasskeySet? set;
        do
        {
            set = await FindAsync(user, CancellationToken.None).ConfigureAwait(false);
            if (set?.Find(id) is null)
            {
                return;
            }

            set.Remove(id);
        }
        while (await TryWriteAsync(set, CancellationToken.None).ConfigureAwait(false) is null);
    }

    /// <summary>Adds another user's passkeys to a user's; false when somebody else was quicker. As many as both had are kept.</summary>
    public async Task<bool> TryMergeAsync(User user, PasskeySet other, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        if (await FindAsync(name, ct).ConfigureAwait(false) is { } set)
        {
            set.Add(other);
            return await TryWriteAsync(set, ct).ConfigureAwait(false) is not null;
        }

        set = new PasskeySet(NewSecret(name, SecretOf(name), SetType));
        set.Secret.Metadata.Annotations = new Dictionary<string, string> { [UserKeys.UserUid] = user.Metadata.Uid! };
        set.Secret.Data = PasskeySet.NewData(other.Handle!);
        set.Add(other);
        return await client.TryCreateAsync(set.Secret, ct).ConfigureAwait(false);
    }

    /// <summary>Makes handles a user's that were another's.</summary>
    public async Task PointAsync(string user, IReadOnlyList<byte[]> handles, CancellationToken ct)
    {
        var set = await FindAsync(user, ct).ConfigureAwait(false) ?? throw new ApiException(409, "Conflict", "the passkeys went at the same moment");
        foreach (var handle in handles)
        {
            var wanted = HandleSecret(user, handle, set.Secret);
            if (await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, NameOf(handle), ct).ConfigureAwait(false) is not { } present)
            {
                await client.TryCreateAsync(wanted, ct).ConfigureAwait(false);
            }
            else if (SessionObjects.OwnerOf(present) != user)
            {
                present.Metadata.Labels = wanted.Metadata.Labels;
                present.Metadata.OwnerReferences = wanted.Metadata.OwnerReferences;
                await client.UpdateAsync(present, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes what was changed; null when somebody else was quicker.</summary>
    public async Task<PasskeySet?> TryWriteAsync(PasskeySet set, CancellationToken ct)
    {
        try
        {
            return new PasskeySet(await client.UpdateAsync(set.Secret, ct).ConfigureAwait(false));
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return null;
        }
    }

    private static string NameOf(byte[] handle) => HandlePrefix + Convert.ToHexStringLower(handle);

    private static Secret HandleSecret(string user, byte[] handle, Secret set)
    {
        var secret = NewSecret(user, NameOf(handle), HandleType);
        secret.Metadata.OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "Secret", Name = set.Metadata.Name, Uid = set.Metadata.Uid }];
        return secret;
    }

    private static Secret NewSecret(string user, string name, string type) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = UserDirectory.AccountsNamespace, Labels = new Dictionary<string, string> { [UserKeys.Owner] = user } },
        Type = type,
    };
}
