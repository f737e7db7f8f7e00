using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.SignIn.SignUp;

/// <summary>What a person types to become a user.</summary>
public sealed record SignUpRequest(string? Name, string? DisplayName, string? Password, string? Invitation);

/// <summary>For how long an invitation to become a user is to hold.</summary>
public sealed record SignUpInvitationRequest(string? ExpiresIn);

/// <summary>Makes a user of who says a name and a password, and the invitations for that.</summary>
internal sealed class SignUpEndpoints(SignUpService service, PasswordHasher hasher, SignUpInvitations invitations, Admit admit)
{
    public const string Path = "/api/v1/sign-up";
    private const string Invitations = "/api/v1/operator/invitations";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, SignUpAsync).AllowEverybody();
        routes.MapGet(Invitations, ListAsync).ForOperators();
        routes.MapPost(Invitations, InviteAsync).ForOperators();
        routes.MapDelete(Invitations + "/{invitation}", RevokeAsync).ForOperators();
    }

    private async Task<Results<Ok<SignInGrant>, Accepted<SignInStep>>> SignUpAsync(SignUpRequest request, HttpContext context, CancellationToken ct)
    {
        var from = ClientInfo.Of(context);
        await service.CheckAsync(from, ct).ConfigureAwait(false);
        var name = SignUpRules.NameOf(request.Name);
        var shown = SignUpRules.DisplayNameOf(request.DisplayName);
        var password = Passwords.Require(name, request.Password, "password");
        var secret = UsersObjects.Password(name, await hasher.CreateAsync(password, ct).ConfigureAwait(false));
        var credential = await service.CreateAsync(new NewPerson(name, shown, request.Invitation, secret), from, ct).ConfigureAwait(false);
        return await admit(name, credential, "password", from, ct).ConfigureAwait(false);
    }

    private async Task<Ok<ItemList<SignUpInvitation>>> ListAsync(CancellationToken ct) =>
        TypedResults.Ok(new ItemList<SignUpInvitation>(await invitations.ListAsync(ct).ConfigureAwait(false)));

    private async Task<Ok<SignUpInvitation>> InviteAsync(SignUpInvitationRequest request, Caller caller, CancellationToken ct)
    {
        var lifetime = WorkspaceRules.DurationOf(request.ExpiresIn, SignUpInvitations.UsualLifetime, SignUpInvitations.LongestLifetime);
        return TypedResults.Ok(await invitations.CreateAsync(caller.User, lifetime, ct).ConfigureAwait(false));
    }

    private async Task<NoContent> RevokeAsync(string invitation, CancellationToken ct) =>
        await invitations.RevokeAsync(invitation, ct).ConfigureAwait(false) ? TypedResults.NoContent() : throw ServiceException.NotFound("There is no such invitation.");
}
