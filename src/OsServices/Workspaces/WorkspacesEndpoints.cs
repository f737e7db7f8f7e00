using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.Workspaces;

/// <summary>Workspaces and their members in the services' API.</summary>
internal sealed class WorkspacesEndpoints(WorkspaceParts parts)
{
    private readonly WorkspaceService _workspaces = new(parts);
    private readonly MemberService _members = new(parts);

    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/workspaces").WithTags("Workspaces");
        group.MapGet("/", ListAsync).ForSignedIn().WithSummary("The workspaces you are in");
        group.MapPost("/", CreateAsync).ForPeople().WithSummary("Makes a team's workspace");
        group.MapGet("/{id}", GetAsync).ForSignedIn().WithSummary("One workspace");
        group.MapPatch("/{id}", RenameAsync).ForPeople().WithSummary("Renames a workspace");
        group.MapDelete("/{id}", DeleteAsync).ForPeople().WithSummary("Deletes a team's workspace with all that is in it");
        group.MapGet("/{id}/contents", ContentsAsync).ForSignedIn().WithSummary("How much of each kind is in a workspace");
        group.MapGet("/{id}/members", MembersAsync).ForSignedIn().WithSummary("Who is in a workspace");
        group.MapPut("/{id}/members/{user}", SetRoleAsync).ForPeople().WithSummary("Gives a member another role");
        group.MapDelete("/{id}/members/{user}", RemoveAsync).ForPeople().WithSummary("Takes a member out; yourself, too");
        group.MapPost("/{id}/transfer", TransferAsync).ForPeople().WithSummary("Makes another member the owner");
    }

    private async Task<Ok<ItemList<WorkspaceView>>> ListAsync(Caller caller, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<WorkspaceView>(await parts.Reader.ListAsync(caller, ct).ConfigureAwait(false)));

    private async Task<Created<WorkspaceView>> CreateAsync(Caller caller, WorkspaceRequest request, CancellationToken ct)
    {
        var made = await _workspaces.CreateAsync(caller, request.Name, ct).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/workspaces/{made.Id}", made);
    }

    private async Task<Ok<WorkspaceView>> GetAsync(Caller caller, string id, CancellationToken ct)
    {
        var seat = await parts.Reader.SeatAsync(caller, id, ct).ConfigureAwait(false);
        return TypedResults.Ok(WorkspaceReader.View(seat.Workspace, seat.Role));
    }

    private async Task<Ok<WorkspaceView>> RenameAsync(Caller caller, string id, WorkspaceRequest request, CancellationToken ct) =>
        TypedResults.Ok(await _workspaces.RenameAsync(caller, id, request.Name, ct).ConfigureAwait(false));

    private async Task<NoContent> DeleteAsync(Caller caller, string id, CancellationToken ct)
    {
        await _workspaces.DeleteAsync(caller, id, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task<Ok<ItemList<ContentView>>> ContentsAsync(Caller caller, string id, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<ContentView>(await _workspaces.ContentsAsync(caller, id, ct).ConfigureAwait(false)));

    private async Task<Ok<ItemList<MemberView>>> MembersAsync(Caller caller, string id, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<MemberView>(await _members.ListAsync(caller, id, ct).ConfigureAwait(false)));

    private async Task<NoContent> SetRoleAsync(Caller caller, string id, string user, RoleRequest request, CancellationToken ct)
    {
        await _members.SetRoleAsync(caller, id, user, request.Role, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task<NoContent> RemoveAsync(Caller caller, string id, string user, CancellationToken ct)
    {
        await _members.RemoveAsync(caller, id, user, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task<NoContent> TransferAsync(Caller caller, string id, UserRequest request, CancellationToken ct)
    {
        await _members.TransferAsync(caller, id, request.User, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }
}
