using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.SignIn;

/// <summary>Trades a name and a password for a session.</summary>
internal sealed class SignInEndpoints(Passwords passwords, Sessions sessions)
{
    /// <summary>Where a session is asked for.</summary>
    public const string SignInPath = "/api/v1/sign-in";

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost(SignInPath, SignInAsync).AllowEverybody();

    private async Task<Ok<SignInGrant>> SignInAsync(SignInRequest request, HttpContext context, CancellationToken ct)
    {
        var from = ClientInfo.Of(context);
        var credential = await passwords.VerifyAsync(request.User ?? "", request.Password, from, ct).ConfigureAwait(false);
        return TypedResults.Ok(await sessions.OpenAsync(request.User!, credential, "password", from, ct).ConfigureAwait(false));
    }
}
