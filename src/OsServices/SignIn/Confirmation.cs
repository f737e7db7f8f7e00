using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.Device;
using Sealos.OsServices.SignIn.Passkeys;

namespace Sealos.OsServices.SignIn;

/// <summary>Both factors once more; no code for whoever has no second one.</summary>
public sealed record ConfirmationProofs(string? Password, string? Code)
{
    /// <summary>A passkey's answer, which stands for both.</summary>
    public PasskeyCredential? Credential { get; init; }
}

/// <summary>Has people who are signed in show once more that it is them.</summary>
internal sealed class Confirmation(Passwords passwords, SecondFactors factors, PasskeyStore passkeys, PasskeyCeremonies ceremonies, SecondFactorDemand demand, AttemptGuard guard)
{
    /// <summary>Asks for a passkey of the session's user; what it answers confirms this session and does nothing else.</summary>
    public PasskeyUseOptions Start(Secret session, ClientInfo from)
    {
        guard.CheckNetwork(from);
        return ceremonies.StartConfirmation(SessionObjects.OwnerOf(session)!, session.Metadata.Uid!);
    }

    /// <summary>Refuses proofs that are not all there, or wrong.</summary>
    public async Task CheckAsync(Secret session, ConfirmationProofs proofs, ClientInfo from, CancellationToken ct)
    {
        var user = SessionObjects.OwnerOf(session)!;
        if (proofs.Credential is { } credential)
        {
            guard.CheckNetwork(from);
            await ceremonies.VerifyConfirmationAsync(user, session.Metadata.Uid!, credential, ct).ConfigureAwait(false);
            return;
        }

        // A password that somebody else has must not make more of a session than it is, where two factors are demanded or nobody has shown
        // anything in the session itself.
        var factor = await factors.FindAsync(user, ct).ConfigureAwait(false);
        var isWeak = factor is null && (SessionObjects.Read(session, null).Method == DeviceEndpoints.Method || await demand.IsMadeOfAsync(user, ct).ConfigureAwait(false));
        if (isWeak && await passkeys.HasAnyAsync(user, ct).ConfigureAwait(false))
        {
            throw ServiceException.Forbidden("You have a passkey, so a password alone does not confirm this session: confirm with the passkey, or sign in with it again in a browser.");
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
