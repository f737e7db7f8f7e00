using System.Buffers.Text;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>
/// Both ceremonies: a new passkey, and signing in with one. A passkey is what a person has, and its authenticator has checked who they are,
/// so it counts as both factors.
/// </summary>
internal sealed class PasskeyCeremonies(PasskeyStore store, PasskeySite? site, TimeProvider time)
{
    private const int LongestName = 60;
    private const int LongestUser = 63;
    private static readonly int Patience = (int)PasskeyChallenges.Lifetime.TotalMilliseconds;

    private readonly PasskeyChallenges _challenges = new(time);

    private PasskeySite Site => site ?? throw ServiceException.NotFound("This cloud has no address of its own, so it takes no passkeys.");

    /// <summary>Asks for a passkey, of one user alone where a name is said. The same whoever there is.</summary>
    public PasskeyUseOptions StartUse(string? user) =>
        new(new PasskeyUse(_challenges.Add(new PasskeyPurpose(false, user is { Length: > 0 and <= LongestUser } ? user : null, null)), Site.RpId, Patience, "required"));

    /// <summary>Who has proved to be themselves, and the Secret of their passkeys.</summary>
    public async Task<(string User, Secret Credential)> VerifyUseAsync(PasskeyCredential? credential, CancellationToken ct)
    {
        try
        {
            var answer = PasskeyAnswer.Read(credential);
            var purpose = Take(answer, isNew: false);
            if (await store.FindByHandleAsync(PasskeyAnswer.Bytes(answer.Response.UserHandle), ct).ConfigureAwait(false) is not var (user, set) || (purpose.User ?? user) != user)
            {
                throw PasskeyRefusals.Wrong();
            }

            return (user, await UseAsync(user, set, answer, ct).ConfigureAwait(false));
        }
        catch (PasskeyProblemException)
        {
            // Why is no business of whoever is not signed in.
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

    private PasskeyPurpose Take(PasskeyAnswer answer, bool isNew) =>
        _challenges.Take(answer.ClientData.Challenge) is { } purpose && purpose.IsNew == isNew ? purpose : throw Refusals.StepIsOver();
}
