using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces;

/// <summary>Makes, renames and deletes workspaces, and says what is in one.</summary>
internal sealed class WorkspaceService(WorkspaceParts parts)
{
    private const int Tries = 5;

    private static readonly (string Kind, string Path)[] Contents =
    [
        ("deployments", "/apis/apps/v1/namespaces/{0}/deployments"),
        ("stateful sets", "/apis/apps/v1/namespaces/{0}/statefulsets"),
        ("daemon sets", "/apis/apps/v1/namespaces/{0}/daemonsets"),
        ("cron jobs", "/apis/batch/v1/namespaces/{0}/cronjobs"),
        ("jobs", "/apis/batch/v1/namespaces/{0}/jobs"),
        ("pods", "/api/v1/namespaces/{0}/pods"),
        ("services", "/api/v1/namespaces/{0}/services"),
        ("addresses", "/apis/networking.k8s.io/v1/namespaces/{0}/ingresses"),
        ("volumes", "/api/v1/namespaces/{0}/persistentvolumeclaims"),
        ("snapshots", "/apis/snapshot.storage.k8s.io/v1/namespaces/{0}/volumesnapshots"),
        ("secrets", "/api/v1/namespaces/{0}/secrets"),

        // Every namespace has this one from the start; a list that is narrowed tells no remaining count, hence the large page.
        ("settings", "/api/v1/namespaces/{0}/configmaps?limit=1000&fieldSelector=metadata.name!=kube-root-ca.crt"),
    ];

    /// <summary>Makes a team's workspace, with the caller's own credential, and waits until it can be used.</summary>
    public async Task<WorkspaceView> CreateAsync(Caller caller, string? name, CancellationToken ct)
    {
        parts.RequireTeams();
        var shown = WorkspaceRules.NameOf(name);
        using var turn = await parts.Turns.TakeAsync("teams/" + caller.User, ct).ConfigureAwait(false);
        if (!caller.IsOperator && await parts.Reader.CountTeamsAsync(caller.User, ct).ConfigureAwait(false) >= parts.Options.MaxTeams)
        {
            throw ServiceException.Limit($"You own {parts.Options.MaxTeams} teams already, which is the most there may be.");
        }

        var made = await CreateAsync(caller, shown, Tries, ct).ConfigureAwait(false);
        var id = made.Metadata.Name!;
        var (isDone, last) = await parts.Wait.UntilAsync<User>(null, id, u => u is null || u.Status?.Phase == "Active", parts.Options.Patience, ct).ConfigureAwait(false);
        return isDone && last is null
            ? throw ServiceException.NotFound("The workspace was deleted again while it was being made.")
            : WorkspaceReader.View(last ?? made, UserRoles.Owner);
    }

    /// <summary>Gives a workspace another name for people to read.</summary>
    public async Task<WorkspaceView> RenameAsync(Caller caller, string id, string? name, CancellationToken ct)
    {
        var shown = WorkspaceRules.NameOf(name);
        var seat = (await parts.Reader.SeatAsync(caller, id, ct).ConfigureAwait(false)).AtLeast(UserRoles.Owner, "Only the owner may rename a workspace.");
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [UserKeys.DisplayName] = shown } } };
        return WorkspaceReader.View(await parts.Client.PatchAsync<User>(null, seat.Id, patch, null, ct).ConfigureAwait(false), seat.Role);
    }

    /// <summary>Deletes a team's workspace with all that is in it, with the caller's own credential, and waits until nobody can use it any more.</summary>
    public async Task DeleteAsync(Caller caller, string id, CancellationToken ct)
    {
        var seat = (await parts.Reader.SeatAsync(caller, id, ct).ConfigureAwait(false))
            .AtLeast(UserRoles.Owner, "Only the owner may delete a workspace.")
            .Team("A private workspace goes with its user, and cannot be deleted alone.");
        using var client = parts.Callers.For(caller.Token);
        var request = new DeleteRequest
        {
            Metadata = new ObjectMeta { Name = $"{seat.Id}-{WorkspaceRules.NewSuffix(8)}" },
            Spec = new DeleteRequestSpec { User = seat.Id },
        };
        var made = await client.CreateAsync(request, ct).ConfigureAwait(false);
        var (isDone, last) = await parts.Wait.UntilAsync<DeleteRequest>(null, made.Metadata.Name!, r => r is null || r.Status?.Phase is "Completed" or "Failed", parts.Options.DeletionPatience, ct).ConfigureAwait(false);
        if (last?.Status?.Phase == "Failed")
        {
            throw ServiceException.Conflict(last.Status.Message ?? "The workspace could not be deleted.");
        }

        if (!isDone)
        {
            throw ServiceException.TooLate("The workspace is being deleted, which takes longer than usual; it goes on by itself.");
        }
    }

    /// <summary>How much of each kind there is in a workspace, as far as the caller may see.</summary>
    public async Task<IReadOnlyList<ContentView>> ContentsAsync(Caller caller, string id, CancellationToken ct)
    {
        var seat = await parts.Reader.SeatAsync(caller, id, ct).ConfigureAwait(false);
        using var client = parts.Callers.For(caller.Token);
        var counts = await Task.WhenAll(Contents.Select(c => CountAsync(client, c.Kind, string.Format(System.Globalization.CultureInfo.InvariantCulture, c.Path, seat.Namespace), ct))).ConfigureAwait(false);
        return [.. counts.OfType<ContentView>().Where(c => c.Count > 0)];
    }

    private static async Task<ContentView?> CountAsync(KubeClient client, string kind, string path, CancellationToken ct)
    {
        try
        {
            const string BareList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
            var page = await client.SendAsync<JsonObject>(HttpMethod.Get, path.Contains('?', StringComparison.Ordinal) ? path : path + "?limit=1", null, BareList, ct).ConfigureAwait(false);
            return new ContentView(kind, (page["items"]?.AsArray().Count ?? 0) + ((long?)page["metadata"]?["remainingItemCount"] ?? 0));
        }
        catch (ApiException e) when (e.Code is StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound)
        {
            return null;
        }
    }

    private async Task<User> CreateAsync(Caller caller, string name, int tries, CancellationToken ct)
    {
        using var client = parts.Callers.For(caller.Token);
        while (true)
        {
            try
            {
                return await client.CreateAsync(Team(caller.User, WorkspaceRules.NewId(), name), ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsAlreadyExists && --tries > 0)
            {
                // The random id is somebody's: take another one.
            }
        }
    }

    private static User Team(string owner, string id, string name) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = id,
            Labels = new Dictionary<string, string> { [UserKeys.Type] = UserKeys.TypeGroup, [UserKeys.Owner] = owner },
            Annotations = new Dictionary<string, string> { [UserKeys.Owner] = owner, [UserKeys.Creator] = owner, [UserKeys.DisplayName] = name },
        },
    };
}
