using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.Passkeys;

namespace Sealos.OsServices.SignIn;

/// <summary>Both factors once more; no code for whoever has no second one.</summary>
public sealed record ConfirmationProofs(string? Password, string? Code);

/// <summary>Has people who are signed in show once more that it is them.</summary>
internal sealed class Confirmation(Passwords passwords, SecondFactors factors, PasskeyStore passkeys, SecondFactorDemand demand, AttemptGuard guard)
{
    /// <summary>Refuses proofs that are not all there, or wrong.</summary>
    public async Task CheckAsync(string user, ConfirmationProofs proofs, ClientInfo from, CancellationToken ct)
    {
        // Where two factors are demanded, a password that somebody else has must not make more of a session than it is. A passkey is
        // shown where people sign in.
        var factor = await factors.FindAsync(user, ct).ConfigureAwait(false);
        if (factor is null && await demand.IsMadeOfAsync(user, ct).ConfigureAwait(false) && await passkeys.HasAnyAsync(user, ct).ConfigureAwait(false))
        {
            throw ServiceException.Forbidden("You sign in with a passkey: do so again, and this can be done within 15 minutes.");
        }

        await passwords.VerifyAsync(user, proofs.Password, from, ct).ConfigureAwait(false);
        if (factor is null)
        {
            return;
        }

        if (string.IsNullOrEmpty(proofs.Code))
        {
            throw Refusals.CodeNeeded();
        }

        guard.CheckCode(user);
        if (!await factors.UseAsync(factor, proofs.Code, ct).ConfigureAwait(false))
        {
            throw Refusals.WrongCode();
        }

        guard.CodeSucceeded(user);
    }
}
