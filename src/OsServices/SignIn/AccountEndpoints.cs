using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn;

/// <summary>A change of one's own password; whoever has none yet says no old one.</summary>
public sealed record PasswordChange(string? OldPassword, string NewPassword);

/// <summary>How somebody signs in.</summary>
public sealed record AccountInfo(string User, bool HasPassword, bool Totp, int RecoveryCodesLeft, int Passkeys);

/// <summary>What people change about how they sign in themselves.</summary>
internal sealed class AccountEndpoints(KubeClient client, Sessions sessions, Passwords passwords, SecondFactors factors, PasskeyStore passkeys)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/account", ReadAsync).ForPeople();
        routes.MapPost("/api/v1/account/password", ChangePasswordAsync).ForFreshSession();
    }

    private async Task<Ok<AccountInfo>> ReadAsync(Caller caller, CancellationToken ct)
    {
        await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        var password = await passwords.FindAsync(caller.User, ct).ConfigureAwait(false);
        var factor = await factors.FindAsync(caller.User, ct).ConfigureAwait(false);
        var set = await passkeys.FindAsync(caller.User, ct).ConfigureAwait(false);
        return TypedResults.Ok(new AccountInfo(caller.User, password is not null, factor is not null, factor is null ? 0 : SecondFactors.CodesLeft(factor), set?.All.Count ?? 0));
    }

    private async Task<NoContent> ChangePasswordAsync(PasswordChange change, Caller caller, HttpContext context, CancellationToken ct)
    {
        var session = await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        var old = await ProveAsync(change, caller, ClientInfo.Of(context), ct).ConfigureAwait(false);
        var password = Passwords.Require(caller.User, change.NewPassword, "newPassword");
        if (password == change.OldPassword)
        {
            throw ServiceException.Invalid("newPassword", "The new password is the old one.");
        }

        var kept = await passwords.SetAsync(caller.User, password, old, ct).ConfigureAwait(false);
        if (old is null)
        {
            await RequireStillWantedAsync(caller, kept, ct).ConfigureAwait(false);
        }

        await Sessions.EndAllAsync(client, caller.User, session.Metadata.Name, ct).ConfigureAwait(false);
        await UserCredentials.EndProgramsAsync(client, caller.User, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    // A first password is proved by the session alone, and hashing takes a while: an end of the session, a reset or a lock at this very moment finds
    // the password, or is seen.
    private async Task RequireStillWantedAsync(Caller caller, Secret first, CancellationToken ct)
    {
        var isWanted = false;
        try
        {
            await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
            await sessions.RequireStandingAsync(caller.User, ct).ConfigureAwait(false);
            isWanted = true;
        }
        finally
        {
            if (!isWanted)
            {
                await client.DeleteExactlyAsync(first, null, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    // Whoever signs in by other means alone has no password to prove, but a fresh session.
    private async Task<Secret?> ProveAsync(PasswordChange change, Caller caller, ClientInfo from, CancellationToken ct) =>
        await passwords.FindAsync(caller.User, ct).ConfigureAwait(false) is null ? null : await passwords.VerifyAsync(caller.User, change.OldPassword, from, ct).ConfigureAwait(false);
}
