using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.Operators;

/// <summary>The operator's view in the services' API; what changes something is done with the operator's own credential.</summary>
internal sealed class OperatorsEndpoints(WorkspaceParts parts, OperatorIndex index, IAuditLog? audit)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/operator").WithTags("Operators");
        group.MapGet("/users", UsersAsync).ForOperators().WithSummary("A page of users; search, state, sort, continue, limit");
        group.MapPost("/users/{name}/lock", LockAsync).ForOperators().WithSummary("Locks a user, for a reason");
        group.MapPost("/users/{name}/unlock", UnlockAsync).ForOperators().WithSummary("Lets a locked user sign in again");
        group.MapPost("/users/{name}/impersonate", ImpersonateAsync).ForOperators().WithSummary("Opens a short session of a user, who is told why");
        group.MapGet("/workspaces", WorkspacesAsync).ForOperators().WithSummary("A page of workspaces; search, state, sort, continue, limit");
        group.MapGet("/workspaces/{workspace}/quota", QuotaAsync).ForOperators().WithSummary("What a workspace may take, and takes");
        group.MapPut("/workspaces/{workspace}/quota", SetQuotaAsync).ForOperators().WithSummary("Changes what a workspace may take");
        group.MapPost("/workspaces/{workspace}/suspend", SuspendAsync).ForOperators().WithSummary("Stops what runs in a workspace, for a reason");
        group.MapPost("/workspaces/{workspace}/resume", ResumeAsync).ForOperators().WithSummary("Starts what ran in a workspace before it was suspended");
        group.MapGet("/audit", AuditAsync).ForOperators().WithSummary("What was done; user, workspace, verb, resource, since, until, text, limit");
    }

    private async Task<Ok<Page<UserListing>>> UsersAsync([AsParameters] ListParameters list, CancellationToken ct) =>
        TypedResults.Ok(await index.UsersAsync(OperatorQuery.Of(list), ct).ConfigureAwait(false));

    private async Task<Ok<Page<WorkspaceListing>>> WorkspacesAsync([AsParameters] ListParameters list, CancellationToken ct) =>
        TypedResults.Ok(await index.WorkspacesAsync(OperatorQuery.Of(list), ct).ConfigureAwait(false));

    private Task<NoContent> LockAsync(Caller caller, string name, ReasonRequest request, CancellationToken ct)
    {
        var reason = OperatedWorkspace.ReasonOf(request.Reason);
        return AsAsync(caller, client => SetLockedAsync(client, name, reason, ct));
    }

    private Task<NoContent> UnlockAsync(Caller caller, string name, CancellationToken ct) => AsAsync(caller, client => SetLockedAsync(client, name, null, ct));

    private async Task<Ok<SignInGrant>> ImpersonateAsync(Caller caller, string name, ImpersonationRequest request, CancellationToken ct)
    {
        using var client = parts.Callers.For(caller.Token);
        return TypedResults.Ok(await new Impersonation(client, parts.Time).OpenAsync(name, caller.User, request, ct).ConfigureAwait(false));
    }

    private async Task<Ok<ItemList<QuotaLine>>> QuotaAsync(string workspace, CancellationToken ct) =>
        TypedResults.Ok(new ItemList<QuotaLine>(await new WorkspaceQuotas(parts.Client).ReadAsync(workspace, ct).ConfigureAwait(false)));

    private Task<NoContent> SetQuotaAsync(Caller caller, string workspace, QuotaChange change, CancellationToken ct) =>
        AsAsync(caller, client => new WorkspaceQuotas(client).SetAsync(workspace, change, ct));

    private Task<NoContent> SuspendAsync(Caller caller, string workspace, ReasonRequest request, CancellationToken ct) =>
        AsAsync(caller, client => new WorkspaceSuspension(client, parts.Time).SuspendAsync(workspace, request.Reason, ct));

    private Task<NoContent> ResumeAsync(Caller caller, string workspace, CancellationToken ct) =>
        AsAsync(caller, client => new WorkspaceSuspension(client, parts.Time).ResumeAsync(workspace, ct));

    private async Task<Ok<AuditPage>> AuditAsync([AsParameters] AuditParameters wanted, CancellationToken ct)
    {
        var now = parts.Time.GetUtcNow();
        var query = new AuditQuery
        {
            User = wanted.User,
            Namespace = wanted.Workspace is { Length: > 0 } workspace ? UsersObjects.WorkspaceOf(WorkspaceRules.IdOf(workspace)) : null,
            Verb = wanted.Verb,
            Resource = wanted.Resource,
            Text = wanted.Text,
            Since = AuditQuery.MomentOf(wanted.Since, "since", now),
            Until = AuditQuery.MomentOf(wanted.Until, "until", now),
            Limit = wanted.Limit ?? 100,
        };
        return audit is null
            ? throw ServiceException.NotFound("The audit log of this cluster's API server is kept by whoever runs the cluster, and cannot be read here.")
            : TypedResults.Ok(await audit.SearchAsync(query.Checked(), ct).ConfigureAwait(false));
    }

    private static async Task SetLockedAsync(KubeClient client, string name, string? reason, CancellationToken ct)
    {
        var found = UserNames.IsValid(name) ? await client.FindAsync<User>(null, name, ct).ConfigureAwait(false) : null;
        if (found is null || found.IsTeam())
        {
            throw ServiceException.NotFound("There is no such person.");
        }

        await new UserAccounts(client).SetLockedAsync(name, reason is not null, reason, ct).ConfigureAwait(false);
    }

    private async Task<NoContent> AsAsync(Caller caller, Func<KubeClient, Task> act)
    {
        using var client = parts.Callers.For(caller.Token);
        await act(client).ConfigureAwait(false);
        return TypedResults.NoContent();
    }
}

/// <summary>What is asked of the audit log.</summary>
internal sealed record AuditParameters(
    [FromQuery] string? User, [FromQuery] string? Workspace, [FromQuery] string? Verb, [FromQuery] string? Resource, [FromQuery] string? Text, [FromQuery] string? Since, [FromQuery] string? Until, [FromQuery] int? Limit);
