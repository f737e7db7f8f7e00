using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.SignIn.Passkeys;

namespace Sealos.OsServices.SignIn;

/// <summary>The step of who has to set up a second factor before they are let in.</summary>
public sealed record SetUpStart(string Step);

/// <summary>A code of the new authenticator.</summary>
public sealed record SetUpCode(string Step, string Code);

/// <summary>A new passkey, and what it is to be called.</summary>
public sealed record SetUpPasskey(string Step, string Name, PasskeyCredential Credential);

/// <summary>The session, and recovery codes that are shown once; none for a passkey.</summary>
public sealed record SetUpDone(SignInGrant Grant, IReadOnlyList<string> RecoveryCodes);

/// <summary>
/// A second factor for who has none, where one is demanded. The step of the first factor stands for the person, and ends with the session
/// or with a second factor that has come from elsewhere.
/// </summary>
internal sealed class SetUpEndpoints(SecondFactorGate gate, SecondFactors factors, PasskeyCeremonies ceremonies, PasskeyStore passkeys, Sessions sessions)
{
    public const string Path = SignInEndpoints.SignInPath + "/set-up";
    private const string Issuer = "Sealos";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path + "/totp/start", StartCodeAsync).AllowEverybody();
        routes.MapPost(Path + "/totp", FinishCodeAsync).AllowEverybody();
        routes.MapPost(Path + "/passkey/start", StartPasskeyAsync).AllowEverybody();
        routes.MapPost(Path + "/passkey", FinishPasskeyAsync).AllowEverybody();
    }

    private async Task<Ok<NewAuthenticator>> StartCodeAsync(SetUpStart start, CancellationToken ct)
    {
        var halfway = await RequireAsync(start.Step, ct).ConfigureAwait(false);
        var key = await factors.StartAsync(halfway.User, ct).ConfigureAwait(false) ?? throw Refusals.StepIsOver();
        var uri = Totp.UriOf(key, halfway.User, Issuer);
        return TypedResults.Ok(new NewAuthenticator(Totp.Write(key), uri, Totp.Draw(uri)));
    }

    private async Task<Ok<SetUpDone>> FinishCodeAsync(SetUpCode proof, HttpContext context, CancellationToken ct)
    {
        var halfway = await RequireAsync(proof.Step, ct).ConfigureAwait(false);
        var codes = await factors.ConfirmAsync(halfway.User, proof.Code ?? "", ct).ConfigureAwait(false) ?? throw Refusals.WrongCode();
        var undo = () => TakeBackAsync(halfway.User);
        return TypedResults.Ok(new SetUpDone(await OpenAsync((proof.Step, halfway), "code", undo, context, ct).ConfigureAwait(false), codes));
    }

    private async Task<Ok<PasskeyNewOptions>> StartPasskeyAsync(SetUpStart start, CancellationToken ct)
    {
        var halfway = await RequireAsync(start.Step, ct).ConfigureAwait(false);
        return TypedResults.Ok(await ceremonies.StartNewAsync(halfway.User, ct).ConfigureAwait(false));
    }

    private async Task<Ok<SetUpDone>> FinishPasskeyAsync(SetUpPasskey made, HttpContext context, CancellationToken ct)
    {
        var halfway = await RequireAsync(made.Step, ct).ConfigureAwait(false);
        var passkey = await ceremonies.AddAsync(halfway.User, made.Name, made.Credential, ct).ConfigureAwait(false);
        var undo = () => passkeys.TakeBackAsync(halfway.User, passkey.Id);
        return TypedResults.Ok(new SetUpDone(await OpenAsync((made.Step, halfway), new SessionMeans(PasskeySignInEndpoints.Method, passkey.Id), undo, context, ct).ConfigureAwait(false), []));
    }

    // Whoever knows only a password must not add a factor beside one that is there already.
    private async Task<Halfway> RequireAsync(string? step, CancellationToken ct)
    {
        var halfway = gate.SettingUp.Try(step) ?? throw Refusals.StepIsOver();
        await sessions.CheckAsync(halfway.User, halfway.Credential, ct).ConfigureAwait(false);
        return await factors.FindAsync(halfway.User, ct).ConfigureAwait(false) is null && !await passkeys.HasAnyAsync(halfway.User, ct).ConfigureAwait(false) ? halfway : throw Refusals.StepIsOver();
    }

    // The first factor may have ended while the second was made: what was made with its word goes with it.
    private async Task<SignInGrant> OpenAsync((string Token, Halfway Who) step, SessionMeans with, Func<Task> undo, HttpContext context, CancellationToken ct)
    {
        var isOpen = false;
        try
        {
            var (user, credential, method) = gate.SettingUp.TryEnd(step.Token) ? step.Who : throw Refusals.StepIsOver();
            var grant = await sessions.OpenAsync(user, credential, with with { Method = $"{method} and {with.Method}" }, ClientInfo.Of(context), ct).ConfigureAwait(false);
            isOpen = true;
            return grant;
        }
        finally
        {
            if (!isOpen)
            {
                await undo().ConfigureAwait(false);
            }
        }
    }

    private async Task TakeBackAsync(string user)
    {
        if (await factors.FindAsync(user, CancellationToken.None).ConfigureAwait(false) is { } factor)
        {
            await factors.RemoveAsync(factor, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
