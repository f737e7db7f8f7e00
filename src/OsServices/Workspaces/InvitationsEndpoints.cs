using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.Workspaces;

/// <summary>Invitations in the services' API.</summary>
internal sealed class InvitationsEndpoints(WorkspaceParts parts)
{
    private readonly InvitationService _invitations = new(parts, new MemberService(parts));

    public void Map(IEndpointRouteBuilder routes)
    {
        var ofWorkspace = routes.MapGroup("/api/v1/workspaces/{id}/invitations").WithTags("Invitations");
        ofWorkspace.MapGet("/", ListAsync).ForPeople().WithSummary("The invitations to a workspace that wait for an answer");
        ofWorkspace.MapPost("/", CreateAsync).ForPeople().WithSummary("Invites a user by name, or, without one, whoever brings the code");
        ofWorkspace.MapDelete("/{invitation}", RevokeAsync).ForPeople().WithSummary("Takes an invitation back");
        var mine = routes.MapGroup("/api/v1/invitations").WithTags("Invitations");
        mine.MapGet("/", MineAsync).ForPeople().WithSummary("Your invitations");
        mine.MapPost("/accept", AcceptCodeAsync).ForPeople().WithSummary("Accepts the invitation of a link by its code");
        mine.MapPost("/{invitation}/accept", AcceptAsync).ForPeople().WithSummary("Accepts an invitation");
        mine.MapPost("/{invitation}/decline", DeclineAsync).ForPeople().WithSummary("Declines an invitation");
    }

    private async Task<Ok<ItemList<InvitationView>>> ListAsync(Caller caller, string id, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<InvitationView>(await _invitations.ListAsync(caller, id, ct).ConfigureAwait(false)));

    private async Task<Created<InvitationView>> CreateAsync(Caller caller, string id, InvitationRequest request, CancellationToken ct)
    {
        var made = await _invitations.CreateAsync(caller, id, request, ct).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/workspaces/{made.Workspace}/invitations/{made.Id}", made);
    }

    private async Task<NoContent> RevokeAsync(Caller caller, string id, string invitation, CancellationToken ct)
    {
        await _invitations.RevokeAsync(caller, id, invitation, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task<Ok<ItemList<InvitationView>>> MineAsync(Caller caller, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<InvitationView>(await _invitations.MineAsync(caller, ct).ConfigureAwait(false)));

    private async Task<Ok<WorkspaceView>> AcceptCodeAsync(Caller caller, CodeRequest request, CancellationToken ct) =>
        TypedResults.Ok(await _invitations.AcceptCodeAsync(caller, request.Code, ct).ConfigureAwait(false));

    private async Task<Ok<WorkspaceView>> AcceptAsync(Caller caller, string invitation, CancellationToken ct) =>
        TypedResults.Ok(await _invitations.AcceptAsync(caller, invitation, ct).ConfigureAwait(false));

    private async Task<NoContent> DeclineAsync(Caller caller, string invitation, CancellationToken ct)
    {
        await _invitations.DeclineAsync(caller, invitation, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }
}
