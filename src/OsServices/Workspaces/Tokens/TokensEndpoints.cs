using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Sealos.OsServices.Workspaces.Tokens;

/// <summary>Personal tokens in the services' API.</summary>
internal sealed class TokensEndpoints(WorkspaceParts parts)
{
    private readonly PersonalTokens _tokens = new(parts);

    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/tokens").WithTags("Tokens");
        group.MapGet("/", ListAsync).ForPeople().WithSummary("Your personal tokens");
        group.MapPost("/", CreateAsync).ForFreshSession().WithSummary("Makes a personal token, which is told once");
        group.MapDelete("/{token}", RevokeAsync).ForPeople().WithSummary("Ends a personal token");
    }

    private async Task<Ok<ItemList<TokenView>>> ListAsync(Caller caller, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<TokenView>(await _tokens.ListAsync(caller.User, ct).ConfigureAwait(false)));

    private async Task<Created<TokenView>> CreateAsync(Caller caller, TokenCreation request, CancellationToken ct)
    {
        var made = await _tokens.CreateAsync(caller, request, ct).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/tokens/{made.Id}", made);
    }

    private async Task<NoContent> RevokeAsync(Caller caller, string token, CancellationToken ct)
    {
        await _tokens.RevokeAsync(caller, token, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }
}
