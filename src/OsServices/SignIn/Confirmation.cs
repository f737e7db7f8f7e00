namespace Sealos.OsServices.SignIn;

/// <summary>Both factors once more; no code for whoever has no second one.</summary>
public sealed record ConfirmationProofs(string? Password, string? Code);

/// <summary>Has people who are signed in show once more that it is them.</summary>
internal sealed class Confirmation(Passwords passwords, SecondFactors factors, AttemptGuard guard)
{
    /// <summary>Refuses proofs that are not all there, or wrong.</summary>
    public async Task CheckAsync(string user, ConfirmationProofs proofs, ClientInfo from, CancellationToken ct)
    {
        await passwords.VerifyAsync(user, proofs.Password, from, ct).ConfigureAwait(false);
        if (await factors.FindAsync(user, ct).ConfigureAwait(false) is not { } factor)
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
