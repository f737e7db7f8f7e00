using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices_Tests.Support;

/// <summary>Makes users and carries out what is asked for with their kinds, without a judgement of its own.</summary>
public sealed class StubUsers : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _running;

    public StubUsers(KubeClient client)
    {
        _client = client;
        _running = [FollowAsync<User>(null, OnUserAsync), FollowAsync<Operationrequest>("user-system", OnRequestAsync), FollowAsync<DeleteRequest>(null, OnDeleteAsync)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _stop.Dispose();
    }

    /// <summary>Lets every person ask for what admission would judge.</summary>
    public async Task LetAskAsync(CancellationToken ct)
    {
        Subject[] everybody = [new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "Group", Name = "system:serviceaccounts:user-system" }];
        await _client.CreateAsync(new ClusterRole { Metadata = new ObjectMeta { Name = "asking" }, Rules = [new PolicyRule { ApiGroups = ["user.sealos.io"], Resources = ["users", "deleterequests", "operationrequests"], Verbs = ["create"] }] }, ct);
        await _client.CreateAsync(new ClusterRoleBinding { Metadata = new ObjectMeta { Name = "asking" }, RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "asking" }, Subjects = [.. everybody] }, ct);
    }

    private async Task FollowAsync<T>(string? ns, Func<T, Task> work)
        where T : class, Sealos.Kinds.IKubeObject<T>, new()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in _client.WatchAsync<T>(ns, new WatchQuery(), _stop.Token))
                {
                    if (change.Type is "ADDED" or "MODIFIED")
                    {
                        await work(change.Object!);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or ApiException)
            {
            }
        }
    }

    private async Task OnUserAsync(User user)
    {
        var name = user.Metadata.Name!;
        if (user.Status?.Phase == "Active")
        {
            return;
        }

        var owner = WorkspaceReader.IsTeam(user) ? user.Metadata.Labels!["user.sealos.io/owner"] : name;
        await _client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "ns-" + name, Labels = new() { ["user.sealos.io/owner"] = owner } } }, _stop.Token);
        foreach (var role in new[] { "Owner", "Manager", "Developer" })
        {
            await _client.CreateAsync(new Role { Metadata = new ObjectMeta { Name = role, Namespace = "ns-" + name }, Rules = [new PolicyRule { ApiGroups = ["*"], Resources = ["*"], Verbs = role == "Developer" ? ["get", "list"] : ["*"] }] }, _stop.Token);
        }

        if (!WorkspaceReader.IsTeam(user))
        {
            await _client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = name, Namespace = "user-system", Labels = new() { ["user.sealos.io/owner"] = name } } }, _stop.Token);
        }

        await BindAsync("ns-" + name, owner, "Owner");
        user.Status = new UserStatus { Phase = "Active" };
        await _client.UpdateStatusAsync(user, _stop.Token);
    }

    private async Task OnRequestAsync(Operationrequest request)
    {
        if (request.Status?.Phase == "Completed")
        {
            return;
        }

        var (ns, user) = (request.Spec!.Namespace, request.Spec.User);
        await UnbindAsync(ns, user);
        if (request.Spec.Action != "Deprive")
        {
            await BindAsync(ns, user, request.Spec.Role);
        }

        if (request.Spec.Role == "Owner" && request.Spec.Action == "Update")
        {
            var team = await _client.GetAsync<User>(null, ns[3..], _stop.Token);
            var old = team.Metadata.Labels!["user.sealos.io/owner"];
            team.Metadata.Labels!["user.sealos.io/owner"] = user;
            await _client.UpdateAsync(team, _stop.Token);
            await UnbindAsync(ns, old);
            await BindAsync(ns, old, "Developer");
        }

        request.Status = new RequestStatus { Phase = "Completed" };
        await _client.UpdateStatusAsync(request, _stop.Token);
    }

    private async Task OnDeleteAsync(DeleteRequest request)
    {
        if (request.Status?.Phase == "Completed")
        {
            return;
        }

        await _client.DeleteAsync<User>(null, request.Spec!.User, null, _stop.Token);
        await _client.DeleteAsync<Namespace>(null, "ns-" + request.Spec.User, null, _stop.Token);
        request.Status = new RequestStatus { Phase = "Completed" };
        await _client.UpdateStatusAsync(request, _stop.Token);
    }

    private Task BindAsync(string ns, string user, string role) => _client.CreateAsync(
        new RoleBinding
        {
            Metadata = new ObjectMeta { Name = WorkspaceReader.BindingOf(ns, user), Namespace = ns, Labels = new() { ["user.sealos.io/owner"] = user } },
            RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = role },
            Subjects = [new Subject { Kind = "ServiceAccount", Name = user, Namespace = "user-system" }],
        },
        _stop.Token);

    private async Task UnbindAsync(string ns, string user)
    {
        if (await _client.FindAsync<RoleBinding>(ns, WorkspaceReader.BindingOf(ns, user), _stop.Token) is { } binding)
        {
            await _client.DeleteExactlyAsync(binding, null, _stop.Token);
        }
    }
}
