using System.Collections.Concurrent;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Access;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.Operators;

/// <summary>
/// What an operator looks for among all users and workspaces, kept by informers that others use, too: of its own it holds a row a user,
/// about 200 bytes, whose texts are those of the informers.
/// </summary>
internal sealed class OperatorIndex
{
    // Several informers tell of one row, each on a task of its own; readers take no lock.
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, OperatorRow> _rows = new(StringComparer.Ordinal);
    private readonly InformerFactory _informers;
    private readonly Informer<User> _users;
    private readonly Informer<Namespace> _namespaces;
    private readonly Informer<RoleBinding> _bindings;
    private readonly Informer<ResourceQuota> _quotas;

    public OperatorIndex(InformerFactory informers)
    {
        _informers = informers;
        _users = informers.For<User>();
        _namespaces = informers.For<Namespace>(labelSelector: UserKeys.Owner);
        _bindings = informers.For<RoleBinding>(labelSelector: UserKeys.Owner);
        _quotas = informers.For<ResourceQuota>(labelSelector: UserKeys.Owner);
    }

    /// <summary>Begins to follow.</summary>
    public void Start()
    {
        _users.OnChange((old, now) => Change(() => OnUser(old, now)));
        _namespaces.OnChange((old, now) => Change(() => OnNamespace((now ?? old)!.Metadata.Name, now)));
        _bindings.OnChange((old, now) => Change(() =>
        {
            Count(old, -1);
            Count(now, 1);
        }));
    }

    /// <summary>A page of people.</summary>
    public async Task<Page<UserListing>> UsersAsync(OperatorQuery query, CancellationToken ct)
    {
        await SyncedAsync(ct).ConfigureAwait(false);
        return query.Pick(Rows.Where(r => r is { IsHere: true, IsTeam: false }), r => r.State, View);
    }

    /// <summary>A page of workspaces, private ones and teams.</summary>
    public async Task<Page<WorkspaceListing>> WorkspacesAsync(OperatorQuery query, CancellationToken ct)
    {
        await SyncedAsync(ct).ConfigureAwait(false);
        return query.Pick(Rows.Where(r => r.IsHere), r => r.WorkspaceState, WorkspaceOf);
    }

    private IEnumerable<OperatorRow> Rows => _rows.Select(r => r.Value);

    private static UserListing View(OperatorRow row) =>
        new(row.Name, row.DisplayName, row.Email, row.State, row.Reason, row.Roles, row.Created);

    private WorkspaceListing WorkspaceOf(OperatorRow row)
    {
        var ns = UsersObjects.WorkspaceOf(row.Name);
        return new WorkspaceListing(
            row.Name, row.DisplayName, ns, row.IsTeam ? "team" : "private", row.Owner, row.Members, row.WorkspaceState, row.SuspendReason,
            WorkspaceQuotas.Read(_quotas.Get(ns, WallObjects.QuotaNameOf(ns))), row.Created);
    }

    private async Task SyncedAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            await _informers.WaitForSyncAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw ServiceException.TooLate("Users are still being read; try again in a moment.");
        }
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }

    // Bindings and namespaces may come before their user; a row without one is not shown.
    private void OnUser(User? old, User? now)
    {
        var name = (now ?? old)!.Metadata.Name!;
        if (now is not null)
        {
            _rows.GetOrAdd(name, n => new OperatorRow(n)).Take(now);
        }
        else if (_rows.TryGetValue(name, out var row))
        {
            row.Leave();
            Forget(row);
        }
    }

    private void OnNamespace(string? ns, Namespace? now)
    {
        if (UsersObjects.UserOf(ns) is { } name)
        {
            var row = _rows.GetOrAdd(name, n => new OperatorRow(n));
            row.Take(now);
            Forget(row);
        }
    }

    private void Count(RoleBinding? binding, int change)
    {
        if (binding?.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner) is { } member && UsersObjects.UserOf(binding.Metadata.Namespace) is { } workspace && WorkspaceReader.RoleIn(binding, member) is not null)
        {
            foreach (var (name, roles, members) in new[] { (member, change, 0), (workspace, 0, change) })
            {
                var row = _rows.GetOrAdd(name, n => new OperatorRow(n));
                row.Count(roles, members);
                Forget(row);
            }
        }
    }

    private void Forget(OperatorRow row)
    {
        if (row.IsEmpty)
        {
            _rows.TryRemove(row.Name, out _);
        }
    }
}
