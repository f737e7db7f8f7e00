using System.Buffers.Text;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>
/// Both ceremonies: a new passkey, and signing in with one. A passkey is what a person has, and its authenticator has checked who they are,
/// so it counts as both factors.
/// </summary>
internal sealed class PasskeyCeremonies(PasskeyStore store, PasskeySite? site, TimeProvider time)
{
    private const int LongestName = 60;

    // No user's: what cannot be a name is kept as this, however long it is, and nobody's passkey answers it.
    private const string Nobody = "";

    private static readonly int Patience = (int)PasskeyChallenges.Lifetime.TotalMilliseconds;

    private readonly PasskeyChallenges _challenges = new(time);

    private PasskeySite Site => site ?? throw ServiceException.NotFound("This cloud has no address of its own, so it takes no passkeys.");

    /// <summary>Asks for a passkey, of one user alone where a name is said. The same whoever there is.</summary>
    public PasskeyUseOptions StartUse(string? user) => Ask(new PasskeyPurpose(false, string.IsNullOrEmpty(user) ? null : UserNames.IsValid(user) ? user : Nobody, null));

    /// <summary>Asks for a passkey of a user, which is to confirm one session.</summary>
    public PasskeyUseOptions StartConfirmation(string user, string session) => Ask(new PasskeyPurpose(false, user, null) { Session = session });

    /// <summary>Who has proved to be themselves, the Secret of their passkeys, and which of them it was.</summary>
    public Task<(string User, Secret Credential, string Passkey)> VerifyUseAsync(PasskeyCredential? credential, CancellationToken ct) => VerifyAsync(credential, null, ct);

    /// <summary>Refuses whoever is not the user, or answers what was asked for another session or for signing in.</summary>
    public async Task VerifyConfirmationAsync(string user, string session, PasskeyCredential credential, CancellationToken ct)
    {
        if ((await VerifyAsync(credential, session, ct).ConfigureAwait(false)).User != user)
        {
            throw PasskeyRefusals.Wrong();
        }
    }

    /// <summary>Asks for a new passkey of a user.</summary>
    public async Task<PasskeyNewOptions> StartNewAsync(string user, CancellationToken ct)
    {
        var set = await store.FindAsync(user, ct).ConfigureAwait(false);
        if (set?.All.Count >= PasskeyStore.Most)
        {
            throw ServiceException.Limit($"You have {PasskeyStore.Most} passkeys, which is as many as there may be: remove one first.");
        }

        var handle = set?.Handle ?? PasskeyStore.NewHandle();
        return new PasskeyNewOptions(new PasskeyNew(
            _challenges.Add(new PasskeyPurpose(true, user, handle)), new PasskeyParty(Site.RpId, "Sealos"),
            new PasskeyUser(Base64Url.EncodeToString(handle), user, user), Patience, "none")
        {
            PubKeyCredParams = [.. CoseKey.Algorithms.Select(a => new PasskeyAlgorithm(a))],
            ExcludeCredentials = [.. (set?.All ?? []).Select(p => new PasskeyReference(Base64Url.EncodeToString(p.CredentialId)))],
        });
    }

    /// <summary>Keeps a new passkey of a user.</summary>
    public async Task<Passkey> AddAsync(string user, string? name, PasskeyCredential? credential, CancellationToken ct)
    {
        var called = RequireName(name);
        try
        {
            var answer = PasskeyAnswer.Read(credential);
            var purpose = Take(answer, isNew: true);
            if (purpose.User != user)
            {
                throw Refusals.StepIsOver();
            }

            var (key, data) = PasskeyVerifier.VerifyNew(Site, answer);
            var passkey = new Passkey(key.CredentialId, key.PublicKey, called, time.GetUtcNow()) { SignCount = data.SignCount, IsBackedUp = data.IsBackedUp };
            return await store.TryAddAsync(user, purpose.Handle!, passkey, ct).ConfigureAwait(false) ? passkey : throw ServiceException.Conflict("Your passkeys were changed just now: try again.");
        }
        catch (PasskeyProblemException e)
        {
            throw ServiceException.Invalid("credential", e.Message);
        }
    }

    /// <summary>What a passkey may be called.</summary>
    public static string RequireName(string? name) => name?.Trim() is { Length: > 0 and <= LongestName } text && !text.Any(char.IsControl)
        ? text
        : throw ServiceException.Invalid("name", $"A passkey needs a name of at most {LongestName} characters.");

    private PasskeyUseOptions Ask(PasskeyPurpose purpose) => new(new PasskeyUse(_challenges.Add(purpose), Site.RpId, Patience, "required"));

    private async Task<(string User, Secret Credential, string Passkey)> VerifyAsync(PasskeyCredential? credential, string? session, CancellationToken ct)
    {
        try
        {
            var answer = PasskeyAnswer.Read(credential);
            var purpose = Take(answer, isNew: false, session);
            if (await store.FindByHandleAsync(PasskeyAnswer.Bytes(answer.Response.UserHandle), ct).ConfigureAwait(false) is not var (user, set) || (purpose.User ?? user) != user)
            {
                throw PasskeyRefusals.Wrong();
            }

            return (user, await UseAsync(user, set, answer, ct).ConfigureAwait(false), Passkey.IdOf(answer.Id));
        }
        catch (PasskeyProblemException)
        {
            // Why is no business of whoever is not signed in.
            throw PasskeyRefusals.Wrong();
        }
    }

    private async Task<Secret> UseAsync(string user, PasskeySet found, PasskeyAnswer answer, CancellationToken ct)
    {
        // Twice where another of the user's passkeys is used at the same moment; the counter is looked at anew then.
        for (PasskeySet? set = found; set is not null; set = await store.FindAsync(user, ct).ConfigureAwait(false))
        {
            if (set.Find(Passkey.IdOf(answer.Id)) is not { } passkey || !passkey.CredentialId.AsSpan().SequenceEqual(answer.Id))
            {
                break;
            }

            var data = PasskeyVerifier.VerifyUse(Site, passkey, answer);
            set.Put(passkey with { SignCount = data.SignCount, LastUsed = time.GetUtcNow(), IsBackedUp = data.IsBackedUp });
            if (await store.TryWriteAsync(set, ct).ConfigureAwait(false) is { } written)
            {
                return written.Secret;
            }
        }

        throw PasskeyRefusals.Wrong();
    }

    private PasskeyPurpose Take(PasskeyAnswer answer, bool isNew, string? session = null) =>
        _challenges.Take(answer.ClientData.Challenge) is { } purpose && purpose.IsNew == isNew && purpose.Session == session ? purpose : throw Refusals.StepIsOver();
}
