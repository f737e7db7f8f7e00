using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.SignIn;

/// <summary>Proof that it is the person who asks.</summary>
public sealed record PasswordProof(string Password);

/// <summary>A code of the new authenticator.</summary>
public sealed record CodeProof(string Code);

/// <summary>Both factors, for taking the second away.</summary>
public sealed record BothProofs(string Password, string Code);

/// <summary>A new authenticator's key: as text, as the address authenticators read, and as a picture of that.</summary>
public sealed record NewAuthenticator(string Secret, string Uri, string Svg);

/// <summary>The recovery codes, shown once.</summary>
public sealed record RecoveryCodeList(IReadOnlyList<string> RecoveryCodes);

/// <summary>People's second factor: adding one, and taking it away.</summary>
internal sealed class SecondFactorEndpoints(Passwords passwords, SecondFactors factors, Sessions sessions, AttemptGuard guard, WaysIn ways)
{
    private const string Issuer = "Sealos";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/account/totp/start", StartAsync).ForFreshSession();
        routes.MapPost("/api/v1/account/totp/confirm", ConfirmAsync).ForPeople();
        routes.MapPost("/api/v1/account/totp/remove", RemoveAsync).ForFreshSession();
    }

    private async Task<Ok<NewAuthenticator>> StartAsync(PasswordProof proof, Caller caller, HttpContext context, CancellationToken ct)
    {
        await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        await passwords.VerifyAsync(caller.User, proof.Password, ClientInfo.Of(context), ct).ConfigureAwait(false);
        var key = await factors.StartAsync(caller.User, ct).ConfigureAwait(false) ?? throw ServiceException.Conflict("You have a second factor; remove it first.");
        var uri = Totp.UriOf(key, caller.User, Issuer);
        return TypedResults.Ok(new NewAuthenticator(Totp.Write(key), uri, Totp.Draw(uri)));
    }

    private async Task<Ok<RecoveryCodeList>> ConfirmAsync(CodeProof proof, Caller caller, CancellationToken ct)
    {
        await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        guard.CheckCode(caller.User);
        var codes = await factors.ConfirmAsync(caller.User, proof.Code ?? "", ct).ConfigureAwait(false) ?? throw Refusals.WrongCode();
        guard.CodeSucceeded(caller.User);
        return TypedResults.Ok(new RecoveryCodeList(codes));
    }

    private async Task<NoContent> RemoveAsync(BothProofs proof, Caller caller, HttpContext context, CancellationToken ct)
    {
        await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        await passwords.VerifyAsync(caller.User, proof.Password, ClientInfo.Of(context), ct).ConfigureAwait(false);
        await ways.RemoveAsync(caller.User, WaysIn.Authenticator, () => RemoveCodeAsync(caller.User, proof.Code, ct), ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task RemoveCodeAsync(string user, string? code, CancellationToken ct)
    {
        guard.CheckCode(user);
        if (await factors.FindAsync(user, ct).ConfigureAwait(false) is not { } factor)
        {
            throw ServiceException.NotFound("You have no second factor.");
        }

        if (!await factors.UseAsync(factor, code, ct).ConfigureAwait(false))
        {
            throw Refusals.WrongCode();
        }

        guard.CodeSucceeded(user);
        await factors.RemoveAsync(factor, ct).ConfigureAwait(false);
    }
}
