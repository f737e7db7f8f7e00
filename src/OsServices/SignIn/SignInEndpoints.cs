using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.SignIn;

/// <summary>Trades a name and a password for a session, in two steps where the user has a second factor.</summary>
internal sealed class SignInEndpoints(Passwords passwords, SecondFactors factors, SecondFactorGate gate, Sessions sessions, AttemptGuard guard)
{
    /// <summary>Where a session is asked for.</summary>
    public const string SignInPath = "/api/v1/sign-in";

    /// <summary>Where the second step is taken.</summary>
    public const string SecondFactorPath = SignInPath + "/second-factor";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(SignInPath, SignInAsync).AllowEverybody();
        routes.MapPost(SecondFactorPath, SecondFactorAsync).AllowEverybody();
    }

    private async Task<Results<Ok<SignInGrant>, Accepted<SignInStep>>> SignInAsync(SignInRequest request, HttpContext context, CancellationToken ct)
    {
        var from = ClientInfo.Of(context);
        var credential = await passwords.VerifyAsync(request.User ?? "", request.Password, from, ct).ConfigureAwait(false);
        return await gate.AdmitAsync(new Halfway(request.User!, credential, "password"), from, ct).ConfigureAwait(false);
    }

    private async Task<Ok<SignInGrant>> SecondFactorAsync(SecondFactorRequest request, HttpContext context, CancellationToken ct)
    {
        var from = ClientInfo.Of(context);
        guard.CheckNetwork(from);
        if (gate.Proving.Try(request.Step) is not { } halfway)
        {
            throw Refusals.StepIsOver();
        }

        guard.CheckCode(halfway.User);

        // One that was removed since is no way around it: whoever removed it has a session.
        if (await factors.FindAsync(halfway.User, ct).ConfigureAwait(false) is not { } factor || !await factors.UseAsync(factor, request.Code, ct).ConfigureAwait(false))
        {
            throw Refusals.WrongCode();
        }

        if (!gate.Proving.TryEnd(request.Step))
        {
            throw Refusals.StepIsOver();
        }

        guard.CodeSucceeded(halfway.User);
        return TypedResults.Ok(await sessions.OpenAsync(halfway.User, halfway.Credential, $"{halfway.Method} and code", from, ct).ConfigureAwait(false));
    }
}
