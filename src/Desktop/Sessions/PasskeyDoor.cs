using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.SignIn;

namespace Sealos.Desktop.Sessions;

/// <summary>
/// Where the page's script brings what a passkey's authenticator answered: for a session, which the browser gets as a cookie and the script
/// never sees, for a new passkey of who
/// has one, or for a session that is confirmed.
/// </summary>
internal static class PasskeyDoor
{
    public const string SignInPath = SessionCookie.SignInPath + "/passkey";
    public const string SetUpPath = SessionCookie.SignInPath + "/set-up/passkey";
    public const string AddPath = "/passkeys/new";
    public const string ConfirmPath = "/passkeys/confirm";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(SignInPath, SignInAsync).AllowAnonymous().RequireRateLimiting(SessionCookie.AttemptLimit);
        routes.MapPost(SetUpPath, SetUpAsync).AllowAnonymous().RequireRateLimiting(SessionCookie.AttemptLimit);
        routes.MapPost(AddPath + "/start", (HttpContext context, ServicesClient services) => AsThemselvesAsync(context, services, "account/passkeys/start"));
        routes.MapPost(AddPath, (HttpContext context, ServicesClient services) => AsThemselvesAsync(context, services, "account/passkeys"));
        routes.MapPost(ConfirmPath + "/start", (HttpContext context, ServicesClient services) => AsThemselvesAsync(context, services, "sessions/confirm/start"));
        routes.MapPost(ConfirmPath, (HttpContext context, ServicesClient services) => AsThemselvesAsync(context, services, "sessions/confirm"));
    }

    private static async Task<IResult> SignInAsync(HttpContext context, ServicesClient services, string? next)
    {
        var answer = await services.AskAsStrangerAsync<SignInGrant>(context, HttpMethod.Post, "sign-in/passkey", await ReadAsync(context).ConfigureAwait(false)).ConfigureAwait(false);
        return answer.Value is { } grant ? await OpenAsync(context, grant, next).ConfigureAwait(false) : Refuse(answer);
    }

    private static async Task<IResult> SetUpAsync(HttpContext context, ServicesClient services, string? next)
    {
        var answer = await services.AskAsStrangerAsync<SetUpDone>(context, HttpMethod.Post, "sign-in/set-up/passkey", await ReadAsync(context).ConfigureAwait(false)).ConfigureAwait(false);
        return answer.Value is { } done ? await OpenAsync(context, done.Grant, next).ConfigureAwait(false) : Refuse(answer);
    }

    private static async Task<IResult> OpenAsync(HttpContext context, SignInGrant grant, string? next)
    {
        await SessionCookie.OpenAsync(context, grant).ConfigureAwait(false);
        return Results.Json(new { next = SessionCookie.SafeTarget(next) });
    }

    private static async Task<IResult> AsThemselvesAsync(HttpContext context, ServicesClient services, string path)
    {
        var answer = await services.AskAsync<JsonNode>(context, HttpMethod.Post, path, await ReadAsync(context).ConfigureAwait(false)).ConfigureAwait(false);
        return answer.Problem is null ? Results.Json(answer.Value) : Refuse(answer);
    }

    private static IResult Refuse<T>(Answer<T> answer) => Results.Json(new { error = (answer.Problem ?? Problem.Away).Text, code = answer.Problem?.Code }, statusCode: (int)answer.Status);

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
