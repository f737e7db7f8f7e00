using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.SignIn.Passkeys;

namespace Sealos.OsServices.SignIn;

/// <summary>A session as its user sees it; where an operator has opened it, by whom and why.</summary>
public sealed record SessionInfo(string Id, DateTimeOffset Created, DateTimeOffset Expires, string Method, string UserAgent, string Address, bool Current, string? Operator = null, string? Reason = null);

/// <summary>A user's sessions.</summary>
public sealed record SessionInfoList(IReadOnlyList<SessionInfo> Items);

/// <summary>How many sessions have ended.</summary>
public sealed record SessionsEnded(int Ended);

/// <summary>Until when a session counts as confirmed.</summary>
public sealed record SessionConfirmed(DateTimeOffset FreshUntil);

/// <summary>A user's sessions: what there is, and the end of them.</summary>
internal sealed class SessionsEndpoints(KubeClient client, Sessions sessions, Confirmation confirmation)
{
    public const string SignOutPath = "/api/v1/sign-out";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(SignOutPath, SignOutAsync).ForSignedIn();
        routes.MapPost("/api/v1/sessions/confirm/start", StartAsync).ForPeople();
        routes.MapPost("/api/v1/sessions/confirm", ConfirmAsync).ForPeople();
        routes.MapGet("/api/v1/sessions", ListAsync).ForPeople();
        routes.MapDelete("/api/v1/sessions/{id}", EndAsync).ForPeople();
        routes.MapPost("/api/v1/sessions/end-others", EndOthersAsync).ForPeople();
    }

    private async Task<NoContent> SignOutAsync(Caller caller, CancellationToken ct)
    {
        if (await sessions.CurrentAsync(caller, ct).ConfigureAwait(false) is { } session)
        {
            await client.DeleteExactlyAsync(session, null, ct).ConfigureAwait(false);
        }

        return TypedResults.NoContent();
    }

    private async Task<Ok<SessionInfoList>> ListAsync(Caller caller, CancellationToken ct)
    {
        var current = await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        return TypedResults.Ok(new SessionInfoList(sessions.List(caller.User, current.Metadata.Name)));
    }

    private async Task<Ok<PasskeyUseOptions>> StartAsync(Caller caller, HttpContext context, CancellationToken ct) =>
        TypedResults.Ok(confirmation.Start(await sessions.RequireAsync(caller, ct).ConfigureAwait(false), ClientInfo.Of(context)));

    private async Task<Ok<SessionConfirmed>> ConfirmAsync(ConfirmationProofs proofs, Caller caller, HttpContext context, CancellationToken ct)
    {
        var current = await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        await confirmation.CheckAsync(current, proofs, ClientInfo.Of(context), ct).ConfigureAwait(false);
        return TypedResults.Ok(new SessionConfirmed(await sessions.ConfirmAsync(current, ct).ConfigureAwait(false)));
    }

    private async Task<NoContent> EndAsync(Caller caller, string id, CancellationToken ct)
    {
        await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        return await sessions.EndAsync(caller.User, id, ct).ConfigureAwait(false) ? TypedResults.NoContent() : throw Refusals.NoSuchSession();
    }

    private async Task<Ok<SessionsEnded>> EndOthersAsync(Caller caller, CancellationToken ct)
    {
        var current = await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        return TypedResults.Ok(new SessionsEnded(await Sessions.EndAllAsync(client, caller.User, current.Metadata.Name, ct).ConfigureAwait(false)));
    }
}
