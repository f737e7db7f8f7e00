using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>Who wants to sign in with a passkey; whoever says no name is known by the passkey.</summary>
public sealed record PasskeyStart(string? User);

/// <summary>A browser's answer.</summary>
public sealed record PasskeyProof(PasskeyCredential Credential);

/// <summary>Trades a passkey for a session.</summary>
internal sealed class PasskeySignInEndpoints(PasskeyCeremonies ceremonies, Sessions sessions, AttemptGuard guard)
{
    /// <summary>How sessions say that a passkey opened them.</summary>
    public const string Method = "passkey";

    public const string StartPath = SignInEndpoints.SignInPath + "/passkey/start";
    public const string FinishPath = SignInEndpoints.SignInPath + "/passkey";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(StartPath, Start).AllowEverybody();
        routes.MapPost(FinishPath, FinishAsync).AllowEverybody();
    }

    private Ok<PasskeyUseOptions> Start(PasskeyStart start, HttpContext context)
    {
        guard.CheckNetwork(ClientInfo.Of(context));
        return TypedResults.Ok(ceremonies.StartUse(start.User));
    }

    private async Task<Ok<SignInGrant>> FinishAsync(PasskeyProof proof, HttpContext context, CancellationToken ct)
    {
        var from = ClientInfo.Of(context);
        guard.CheckNetwork(from);
        var (user, credential, passkey) = await ceremonies.VerifyUseAsync(proof.Credential, ct).ConfigureAwait(false);
        return TypedResults.Ok(await sessions.OpenAsync(user, credential, new SessionMeans(Method, passkey), from, ct).ConfigureAwait(false));
    }
}
