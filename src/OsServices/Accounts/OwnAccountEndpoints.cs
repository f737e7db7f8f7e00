using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;

namespace Sealos.OsServices.Accounts;

/// <summary>What people do with their own account as a whole.</summary>
internal sealed class OwnAccountEndpoints(AccountEnd end, CallerSource callers, Sessions sessions)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/account").WithTags("Account");
        group.MapGet("/holdings", HoldingsAsync).ForPeople().WithSummary("What goes with your account, and what keeps it from going");
        group.MapPost("/delete", DeleteAsync).ForFreshSession().WithSummary("Deletes your account with all that it has");
        group.MapPost("/merge", MergeAsync).ForFreshSession().WithSummary("Makes another account of yours part of this one");
    }

    private async Task<Ok<AccountHoldings>> HoldingsAsync(Caller caller, CancellationToken ct) =>
        TypedResults.Ok(await end.HoldingsAsync(caller, ct).ConfigureAwait(false));

    private async Task<NoContent> DeleteAsync(AccountDeletion wanted, Caller caller, CancellationToken ct)
    {
        await end.DeleteAsync(caller, wanted.Name, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task<Ok<AccountMerged>> MergeAsync(AccountMergeRequest wanted, Caller caller, CancellationToken ct)
    {
        var other = await ProveAsync(wanted.Token, ct).ConfigureAwait(false);
        return TypedResults.Ok(await end.MergeAsync(caller, other, wanted.DeleteWorkspace, ct).ConfigureAwait(false));
    }

    // The other account asks for the same as this one: a fresh session of a person, by whatever way they sign in.
    private async Task<Caller> ProveAsync(string? token, CancellationToken ct)
    {
        var other = await callers.IdentifyAsync(token?.Trim() ?? "", ct).ConfigureAwait(false);
        if (other is null or { PersonalToken: not null } or { IsImpersonated: true } || await sessions.CurrentAsync(other, ct).ConfigureAwait(false) is not { } session)
        {
            throw ServiceException.Invalid("token", "This is no session of another account: sign in with it, and use the token you get for it.");
        }

        try
        {
            sessions.RequireFresh(session);
        }
        catch (ServiceException e) when (e.Code == "confirm")
        {
            // Of the other session, which no confirmation of this one would help.
            throw ServiceException.Invalid("token", "The session of the other account was opened more than 15 minutes ago: sign in with it anew.");
        }

        return other;
    }
}
