using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Requests;

namespace Sealos.OsServices.Admission;

/// <summary>
/// What rules ask about the world: from memory what every write needs, and from the API itself what must be true now, such as roles;
/// that is asked for rarely.
/// </summary>
internal sealed class AdmissionFacts(KubeClient client, Informer<WorkspaceFacts> workspaces, TimeProvider time) : IAdmissionFacts
{
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);

    // Teams that were allowed and may not be stored yet: many requests at the same time must not all be the last one.
    private readonly ConcurrentDictionary<(string User, string Team), long> _allowed = new();
    private readonly Lock _lock = new();

    public bool IsWorkspace(string ns) => workspaces.Get(null, ns) is not null;

    public string? DebtStatusOf(string workspace) => workspaces.Get(null, workspace)?.Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus);

    public string? SuspensionReasonOf(string workspace) => workspaces.Get(null, workspace)?.Metadata.Annotations?.GetValueOrDefault(UserKeys.SuspendReason);

    public Task<string?> RoleOfAsync(string user, string workspace, CancellationToken ct) => Requesters.RoleOfAsync(client, user, workspace, ct);

    public Task<User?> FindUserAsync(string name, CancellationToken ct) => name.Length == 0 ? Task.FromResult<User?>(null) : client.FindAsync<User>(null, name, ct);

    public async Task<bool> HasNamespaceAsync(string name, CancellationToken ct) => await client.FindAsync<Namespace>(null, name, ct).ConfigureAwait(false) is not null;

    public async Task<bool> TryAddTeamAsync(string user, string team, int most, CancellationToken ct)
    {
        var list = await client.ListAsync<User>(null, UsersObjects.TeamsOf(user), ct).ConfigureAwait(false);
        var stored = list.Items.Select(u => u.Metadata.Name!).ToHashSet(StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (var old in _allowed.Where(a => time.GetElapsedTime(a.Value) > Recent))
            {
                _allowed.TryRemove(old.Key, out _);
            }

            var coming = _allowed.Keys.Where(k => k.User == user && k.Team != team && !stored.Contains(k.Team)).Count();
            if (stored.Count + coming >= most && !stored.Contains(team))
            {
                return false;
            }

            _allowed[(user, team)] = time.GetTimestamp();
            return true;
        }
    }

    public async Task<int> CountRequestsAsync(string user, CancellationToken ct)
    {
        var query = new ListQuery { LabelSelector = $"{UserKeys.Requester}={user}" };
        var changes = await client.ListAsync<Operationrequest>(UserDirectory.AccountsNamespace, query, ct).ConfigureAwait(false);
        var ends = await client.ListAsync<DeleteRequest>(null, query, ct).ConfigureAwait(false);
        return changes.Items.Count + ends.Items.Count;
    }

    public async Task<string?> ClaimantOfVolumeAsync(string volume, CancellationToken ct) =>
        (await FindAsync($"/api/v1/persistentvolumes/{Uri.EscapeDataString(volume)}", ct).ConfigureAwait(false)).Child("spec", "claimRef").Text("namespace");

    private async Task<JsonObject?> FindAsync(string path, CancellationToken ct)
    {
        try
        {
            return await client.SendAsync<JsonObject>(HttpMethod.Get, path, null, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
