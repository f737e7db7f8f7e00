using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.SignIn.SignUp;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.SignIn.Identities;

/// <summary>Where to go after proving who one is.</summary>
public sealed record IdentityRequest(string? Next);

/// <summary>Where a browser is to go, and what it must bring back besides.</summary>
public sealed record IdentityStart(string Url, string Binding);

/// <summary>What a browser brings back from a provider.</summary>
public sealed record IdentityCallback(string? State, string? Code, string? Issuer, string? Error, string? Binding);

/// <summary>Somebody the cloud does not know, who may become a user.</summary>
public sealed record IdentitySignUp(string Ticket, string Provider, string Name, string DisplayName, bool NeedsInvitation);

/// <summary>What they want to be called.</summary>
public sealed record IdentitySignUpRequest(string? Ticket, string? Name, string? DisplayName, string? Invitation);

/// <summary>What proving who one is came to: a session, a second step, a user to be made, or a link; and where to go.</summary>
public sealed record IdentityOutcome(string Next)
{
    /// <summary>The session.</summary>
    public SignInGrant? Grant { get; init; }

    /// <summary>What is to be done for one.</summary>
    public SignInStep? Step { get; init; }

    /// <summary>Who may become a user.</summary>
    public IdentitySignUp? SignUp { get; init; }

    /// <summary>Whether an identity was linked.</summary>
    public bool Linked { get; init; }
}

/// <summary>Outside identities: signing in and up with them, linking and unlinking them.</summary>
internal sealed class OutsideIdentityEndpoints(IdentityService service, SignUpService signUp, Sessions sessions, AttemptGuard guard, Admit admit)
{
    /// <summary>Where the browser's own part is done by the desktop.</summary>
    public const string Path = "/api/v1/sign-in/identities";

    public const string FinishPath = Path + "/finish";
    public const string SignUpPath = Path + "/sign-up";
    public const string AccountPath = "/api/v1/account/identities";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path + "/{provider}/start", StartAsync).AllowEverybody();
        routes.MapPost(FinishPath, FinishAsync).AllowEverybody();
        routes.MapPost(SignUpPath, SignUpAsync).AllowEverybody();
        routes.MapGet(AccountPath, ListAsync).ForPeople();
        routes.MapPost(AccountPath + "/{provider}/link", LinkAsync).ForFreshSession();
        routes.MapDelete(AccountPath + "/{identity}", UnlinkAsync).ForFreshSession();
    }

    private async Task<Ok<IdentityStart>> StartAsync(string provider, IdentityRequest request, HttpContext context, CancellationToken ct)
    {
        var from = ClientInfo.Of(context);
        guard.CheckNetwork(from);
        return TypedResults.Ok(await service.StartAsync(provider, request.Next, null, from, ct).ConfigureAwait(false));
    }

    private async Task<Ok<IdentityOutcome>> FinishAsync(IdentityCallback back, HttpContext context, CancellationToken ct)
    {
        var from = ClientInfo.Of(context);
        guard.CheckNetwork(from);
        return TypedResults.Ok(await service.FinishAsync(back, admit, from, ct).ConfigureAwait(false));
    }

    private async Task<Results<Ok<SignInGrant>, Accepted<SignInStep>>> SignUpAsync(IdentitySignUpRequest request, HttpContext context, CancellationToken ct)
    {
        var from = ClientInfo.Of(context);
        await signUp.CheckAsync(from, ct).ConfigureAwait(false);
        return await service.SignUpAsync(request, admit, from, ct).ConfigureAwait(false);
    }

    private async Task<Ok<ItemList<LinkedIdentity>>> ListAsync(Caller caller, CancellationToken ct)
    {
        await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        return TypedResults.Ok(new ItemList<LinkedIdentity>(await service.ViewsAsync(caller.User, ct).ConfigureAwait(false)));
    }

    private async Task<Ok<IdentityStart>> LinkAsync(string provider, IdentityRequest request, Caller caller, HttpContext context, CancellationToken ct) =>
        TypedResults.Ok(await service.StartAsync(provider, request.Next, await sessions.RequireAsync(caller, ct).ConfigureAwait(false), ClientInfo.Of(context), ct).ConfigureAwait(false));

    private async Task<NoContent> UnlinkAsync(string identity, Caller caller, CancellationToken ct)
    {
        await service.UnlinkAsync(caller.User, identity, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }
}
