using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Accounts;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.SignIn.Passkeys;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;
using Sealos.OsServices_Tests.Workspaces;
using Xunit;

namespace Sealos.OsServices_Tests.Accounts;

/// <summary>People who end their own account, or merge two of theirs.</summary>
public sealed class OwnAccountTests(Tenants tenants) : IClassFixture<Tenants>
{
    private const string Ns = UserDirectory.AccountsNamespace;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private KubeClient Client => tenants.Api.Client;

    [Fact]
    public async Task Account_Deleted_LeavesNothingForWhoeverIsCalledSoNext()
    {
        var team = await tenants.MakeTeamAsync("leave");
        const string name = "leave-manager";
        await Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "mine", Namespace = "ns-" + name } }, Ct);
        await Client.CreateAsync(Binding(name, "by-another-name", "ns-" + team), Ct);
        await tenants.PostAsync<TokenView>(name, "tokens", new { name = "robot", role = "Developer", workspaces = new[] { team } });
        await new PasskeyStore(Client).TryAddAsync(name, PasskeyStore.NewHandle(), NewPasskey("phone"), Ct);

        var held = (await tenants.As(name).GetFromJsonAsync<AccountHoldings>("account/holdings", Ct))!;
        Assert.Contains(held.Contents, c => c is { Kind: "settings", Count: 1 });
        Assert.Equal([team], held.Teams.Select(t => t.Id));
        Assert.Equal((0, null), (held.Owned.Count, held.Obstacle));
        Assert.Equal((HttpStatusCode.BadRequest, "name"), await RefusedAsync(name, "account/delete", new { name = "leave-owner" }));
        await tenants.DoAsync(name, HttpMethod.Post, "account/delete", new { name });

        Assert.Null(await Client.FindAsync<User>(null, name, Ct));
        Assert.Null(await Client.FindAsync<Namespace>(null, "ns-" + name, Ct));
        Assert.Empty((await Client.ListAsync<Secret>(Ns, Of(name), Ct)).Items);
        Assert.Empty((await Client.ListAsync<ServiceAccount>(Ns, Of(name), Ct)).Items);
        Assert.DoesNotContain((await Client.ListAsync<RoleBinding>("ns-" + team, null, Ct)).Items, b => UserRoles.IsOf(b, name));
        Assert.DoesNotContain((await Client.ListAsync<Operationrequest>(Ns, null, Ct)).Items, r => r.Spec!.User == name);
        Assert.DoesNotContain((await Client.ListAsync<Invitation>(Ns, null, Ct)).Items, i => i.Spec!.User == name || i.Status?.AcceptedBy == name);
        Assert.NotNull(await Client.FindAsync<User>(null, team, Ct));
    }

    [Fact]
    public async Task Owner_OfTeams_IsToldWhich_AndKeepsAllUntilTheyAreGone()
    {
        await tenants.MakeAsync("keeper");
        var team = await tenants.PostAsync<WorkspaceView>("keeper", "workspaces", new { name = "Shop" });

        var (status, error) = await tenants.RefusalAsync("keeper", HttpMethod.Post, "account/delete", new { name = "keeper" });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains($"Shop ({team.Id})", error.Error, StringComparison.Ordinal);
        Assert.Equal(error.Error, (await tenants.As("keeper").GetFromJsonAsync<AccountHoldings>("account/holdings", Ct))!.Obstacle);

        // A team that comes to be theirs when it is decided already keeps them, too.
        var user = await Client.GetAsync<User>(null, "keeper", Ct);
        await Client.PatchAsync<User>(null, "keeper", UserLeaving.Ask(user, null, TimeProvider.System.GetUtcNow()), null, Ct);
        await UntilAsync(async () => !UserLeaving.IsAskedFor(await Client.GetAsync<User>(null, "keeper", Ct)));
        Assert.NotNull(await Client.FindAsync<Namespace>(null, team.Namespace, Ct));
        Assert.NotNull(await Client.FindAsync<Secret>(Ns, UsersObjects.PasswordSecretOf("keeper"), Ct));

        await tenants.DoAsync("keeper", HttpMethod.Delete, $"workspaces/{team.Id}");
        await tenants.DoAsync("keeper", HttpMethod.Post, "account/delete", new { name = "keeper" });
    }

    [Fact]
    public async Task Operator_IsNeitherDeletedNorMerged()
    {
        await tenants.MakeAsync("plain");
        var session = await SessionOfAdminAsync();
        using var admin = tenants.Api.Open(session);

        foreach (var (path, body) in new (string, object)[] { ("account/delete", new { name = "admin" }), ("account/merge", new { token = TokenOf("plain") }) })
        {
            using var answer = await admin.PostAsJsonAsync(path, body, Ct);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{path}: {answer.StatusCode}");
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await tenants.RefusalAsync("plain", HttpMethod.Post, "account/merge", new { token = session })).Status);
        Assert.NotNull((await admin.GetFromJsonAsync<AccountHoldings>("account/holdings", Ct))!.Obstacle);
    }

    [Fact]
    public async Task Merge_TakesOnlyAFreshSessionOfAnotherAccount()
    {
        await tenants.MakeAsync("only-a", "only-b");
        var now = TimeProvider.System.GetUtcNow();
        var old = await OpenAsync("only-b", now.AddMinutes(-16));
        string?[] tokens = [null, "", "nonsense", TokenOf("only-a"), await tenants.Api.IssueAsync(Ns, "only-b", Ct), old];

        foreach (var token in tokens)
        {
            Assert.Equal((HttpStatusCode.BadRequest, "token"), await RefusedAsync("only-a", "account/merge", new { token, deleteWorkspace = true }));
        }

        Assert.NotNull(await Client.FindAsync<User>(null, "only-b", Ct));
    }

    [Fact]
    public async Task Merge_PassesOnWhatThePersonHas_TheHigherRoleFirst()
    {
        var team = await tenants.MakeTeamAsync("both");
        const string into = "both-developer", from = "both-manager";
        var own = await tenants.PostAsync<WorkspaceView>(from, "workspaces", new { name = "Mine" });
        var store = new PasskeyStore(Client);
        var (first, second) = (PasskeyStore.NewHandle(), PasskeyStore.NewHandle());
        await store.TryAddAsync(into, first, NewPasskey("laptop"), Ct);
        await store.TryAddAsync(from, second, NewPasskey("phone"), Ct);
        await Client.CreateAsync(new Secret { Metadata = new ObjectMeta { Name = "identity-both", Namespace = Ns, Labels = UsersObjects.OwnedBy(from) }, Type = OutsideIdentity.SecretType }, Ct);
        await Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "mine", Namespace = "ns-" + from } }, Ct);
        var token = TokenOf(from);

        var (status, error) = await tenants.RefusalAsync(into, HttpMethod.Post, "account/merge", new { token });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("1 settings", error.Error, StringComparison.Ordinal);
        var merged = await tenants.PostAsync<AccountMerged>(into, "account/merge", new { token, deleteWorkspace = true });

        Assert.Equal(new AccountMerged(from, into), merged);
        Assert.Null(await Client.FindAsync<User>(null, from, Ct));
        Assert.Null(await Client.FindAsync<Namespace>(null, "ns-" + from, Ct));
        var teams = await tenants.ListAsync<WorkspaceView>(into, "workspaces");
        Assert.Equal([(own.Id, "Owner"), (team, "Manager")], teams.Where(t => t.Kind == "team").Select(t => (t.Id, t.Role)).OrderByDescending(t => t.Role));
        Assert.Equal(into, (await Client.GetAsync<User>(null, own.Id, Ct)).OwnerOf());
        Assert.Equal([into, "both-owner"], (await tenants.ListAsync<MemberView>(into, $"workspaces/{team}/members")).Select(m => m.User).Order(StringComparer.Ordinal));
        var identity = await Client.GetAsync<Secret>(Ns, "identity-both", Ct);
        Assert.Equal((into, (await Client.GetAsync<User>(null, into, Ct)).Metadata.Uid), (SessionObjects.OwnerOf(identity), identity.Metadata.Annotations![UserKeys.UserUid]));
        foreach (var handle in new[] { first, second })
        {
            var (user, set) = (await store.FindByHandleAsync(handle, Ct))!.Value;
            Assert.Equal((into, "laptop,phone"), (user, string.Join(',', set.All.Select(p => p.Name).Order(StringComparer.Ordinal))));
        }

        Assert.Empty((await Client.ListAsync<Secret>(Ns, Of(from), Ct)).Items);
        Assert.Equal((HttpStatusCode.BadRequest, "token"), await RefusedAsync(into, "account/merge", new { token }));
    }

    [Fact]
    public async Task Merge_WhoseEndTakesLong_KeepsNobodyElseWaiting()
    {
        await tenants.MakeAsync("slow-a", "slow-b", "quick-a", "quick-b");
        var kept = new ConfigMap { Metadata = new ObjectMeta { Name = "kept", Namespace = "ns-slow-b", Finalizers = ["test.example/kept"] } };
        await Client.CreateAsync(kept, Ct);
        var slow = tenants.PostAsync<AccountMerged>("slow-a", "account/merge", new { token = TokenOf("slow-b"), deleteWorkspace = true });
        await UntilAsync(async () => UserLeaving.IsAskedFor(await Client.GetAsync<User>(null, "slow-b", Ct)));

        var quick = tenants.PostAsync<AccountMerged>("quick-a", "account/merge", new { token = TokenOf("quick-b"), deleteWorkspace = true });
        Assert.NotSame(slow, await Task.WhenAny(quick, slow));
        Assert.Equal(new AccountMerged("quick-b", "quick-a"), await quick);
        await Client.PatchAsync<ConfigMap>("ns-slow-b", "kept", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }, null, Ct);
        await slow;
    }

    [Fact]
    public async Task Merge_SaysThatSnapshotsAreKeptInTheWorkspace()
    {
        await tenants.MakeAsync("snap-a", "snap-b");
        await DefineSnapshotsAsync();
        const string path = "/apis/snapshot.storage.k8s.io/v1/namespaces/ns-snap-b/volumesnapshots";
        var snapshot = """{"apiVersion":"snapshot.storage.k8s.io/v1","kind":"VolumeSnapshot","metadata":{"name":"backup"}}""";
        await UntilAsync(() => IsTakenAsync(path, snapshot));

        var (status, error) = await tenants.RefusalAsync("snap-a", HttpMethod.Post, "account/merge", new { token = TokenOf("snap-b") });

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("1 snapshots", error.Error, StringComparison.Ordinal);
    }

    private Task DefineSnapshotsAsync() => Client.SendAsync<JsonObject>(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Json("""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
         "metadata":{"name":"volumesnapshots.snapshot.storage.k8s.io","annotations":{"api-approved.kubernetes.io":"unapproved, for a test"}},
         "spec":{"group":"snapshot.storage.k8s.io","scope":"Namespaced","names":{"kind":"VolumeSnapshot","plural":"volumesnapshots"},
          "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
        """), Ct);

    // A kind is served a moment after it was defined.
    private async Task<bool> IsTakenAsync(string path, string body)
    {
        try
        {
            await Client.SendAsync<JsonObject>(HttpMethod.Post, path, Json(body), Ct);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    private static ListQuery Of(string user) => new() { LabelSelector = $"{UserKeys.Owner}={user}" };

    private static Passkey NewPasskey(string name) => new(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16), [1], name, TimeProvider.System.GetUtcNow());

    private static RoleBinding Binding(string user, string name, string ns) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns },
        RoleRef = new RoleRef { ApiGroup = Role.KubeKind.Group, Kind = "Role", Name = UserRoles.Manager },
        Subjects = [new Subject { Kind = "ServiceAccount", Namespace = Ns, Name = user }],
    };

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var start = TimeProvider.System.GetTimestamp(); !await holds();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "it did not come to be in time");
            await Task.Delay(10, Ct);
        }
    }

    private string TokenOf(string name) => tenants.As(name).DefaultRequestHeaders.Authorization!.Parameter!;

    private Task<string> SessionOfAdminAsync() => OpenAsync(UserDirectory.AdminName, TimeProvider.System.GetUtcNow());

    private async Task<string> OpenAsync(string user, DateTimeOffset since)
    {
        var credential = await Client.FindAsync<Secret>(Ns, UsersObjects.PasswordSecretOf(user), Ct) ?? await Client.CreateAsync(UsersObjects.Password(user, "none"), Ct);
        var session = await Client.CreateAsync(SessionObjects.Build(user, credential, "password", new ClientInfo("", ""), (since, since.AddHours(1))), Ct);
        return (await AccountTokens.IssueAsync(Client, user, session, 3600, Ct)).Token!;
    }

    private async Task<(HttpStatusCode, string?)> RefusedAsync(string name, string path, object body)
    {
        var (status, error) = await tenants.RefusalAsync(name, HttpMethod.Post, path, body);
        return (status, error.Field);
    }
}
