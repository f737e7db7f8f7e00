using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// Where the page's script brings what a passkey's authenticator answered: for a session, which the browser gets as a cookie and the script
/// never sees, or for a new passkey of who has one.
/// </summary>
internal static class PasskeyDoor
{
    public const string SignInPath = SessionCookie.SignInPath + "/passkey";
    public const string AddPath = "/passkeys/new";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(SignInPath, SignInAsync).AllowAnonymous().RequireRateLimiting(SessionCookie.AttemptLimit);
        routes.MapPost(AddPath + "/start", (HttpContext context, SignInClient client) => AsThemselvesAsync(context, client, "account/passkeys/start", null));
        routes.MapPost(AddPath, async (HttpContext context, SignInClient client) => await AsThemselvesAsync(context, client, "account/passkeys", await ReadAsync(context).ConfigureAwait(false)).ConfigureAwait(false));
    }

    private static async Task<IResult> SignInAsync(HttpContext context, SignInClient client, string? next)
    {
        var proof = await ReadAsync(context).ConfigureAwait(false);
        var reply = await client.SendAsync(HttpMethod.Post, "sign-in/passkey", proof, null, SessionCookie.ClientOf(context), context.RequestAborted).ConfigureAwait(false);
        if (!reply.IsDone)
        {
            return Refuse(reply);
        }

        await SessionCookie.OpenAsync(context, reply.Body.Deserialize<SignInGrant>(JsonSerializerOptions.Web)!).ConfigureAwait(false);
        return Results.Json(new { next = SessionCookie.SafeTarget(next) });
    }

    private static async Task<IResult> AsThemselvesAsync(HttpContext context, SignInClient client, string path, JsonNode? body)
    {
        var session = SessionCookie.Read(context.User);
        var reply = await client.SendAsync(HttpMethod.Post, path, body, session?.Token, SessionCookie.ClientOf(context), context.RequestAborted).ConfigureAwait(false);
        return reply.IsDone ? Results.Json(reply.Body) : Refuse(reply);
    }

    private static IResult Refuse(ServicesReply reply) => Results.Json(new { error = reply.Problem }, statusCode: (int)reply.Status);

    private static async Task<JsonNode?> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // The services' API says what is wrong with nothing.
            return null;
        }
    }
}
