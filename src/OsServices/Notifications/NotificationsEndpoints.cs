using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.Kinds.Core;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;
using Sealos.OsServices.Workspaces.Tokens;

namespace Sealos.OsServices.Notifications;

/// <summary>What people are told, and what operators tell them, in the services' API.</summary>
internal sealed class NotificationsEndpoints(WorkspaceParts parts)
{
    private readonly Inbox _inbox = new(parts.Client, parts.Time);

    public void Map(IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/v1/notifications").WithTags("Notifications");
        own.MapGet("/", ListAsync).ForSignedIn().WithSummary("What you are told: in your own workspace, and what everybody is");
        own.MapPost("/{notification}/read", MarkAsync).ForPeople().WithSummary("Marks one as read");
        var operators = routes.MapGroup("/api/v1/operator/announcements").WithTags("Operators");
        operators.MapPost("/", AnnounceAsync).ForOperators().WithSummary("Tells everybody, a user or a workspace");
        operators.MapDelete("/{notification}", WithdrawAsync).ForOperators().WithSummary("Takes back what everybody was told");
    }

    private async Task<Ok<ItemList<NotificationView>>> ListAsync(Caller caller, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<NotificationView>(await _inbox.ListAsync(caller.User, await MayReadOwnAsync(caller, ct).ConfigureAwait(false), ct).ConfigureAwait(false)));

    // What a person is told stands in their own workspace: a personal token for others has no business there.
    private async Task<bool> MayReadOwnAsync(Caller caller, CancellationToken ct) => caller.PersonalToken is not { } token
        || (await parts.Client.FindAsync<Secret>(UserDirectory.AccountsNamespace, token, ct).ConfigureAwait(false) is { } secret && TokenObjects.View(secret).Workspaces.Contains(caller.User));

    private async Task<NoContent> MarkAsync(Caller caller, string notification, CancellationToken ct)
    {
        await _inbox.MarkAsync(caller.User, notification, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task<Ok<AnnouncementView>> AnnounceAsync(Caller caller, AnnouncementRequest request, CancellationToken ct)
    {
        using var client = parts.Callers.For(caller.Token);
        return TypedResults.Ok(new AnnouncementView(await new Announcements(client, parts.Time).AnnounceAsync(request, ct).ConfigureAwait(false)));
    }

    private async Task<NoContent> WithdrawAsync(Caller caller, string notification, CancellationToken ct)
    {
        using var client = parts.Callers.For(caller.Token);
        await new Announcements(client, parts.Time).WithdrawAsync(notification, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }
}

/// <summary>An announcement that was made.</summary>
public sealed record AnnouncementView(string Id);
