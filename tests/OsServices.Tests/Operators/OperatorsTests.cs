using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Notifications;
using Sealos.OsServices.Operators;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Walls;
using Sealos.OsServices.Workspaces;
using Sealos.OsServices_Tests.Workspaces;
using Xunit;

namespace Sealos.OsServices_Tests.Operators;

/// <summary>The operator's view, over the real API server with Kubernetes' controllers.</summary>
public sealed class OperatorsTests(Tenants tenants) : IClassFixture<Tenants>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private KubeClient Client => tenants.Api.Client;

    [Fact]
    public async Task Lists_ShowWhoThereIs_TheirRolesAndStates()
    {
        var team = await tenants.MakeTeamAsync("opl");
        using var admin = await AdminAsync();
        await PostAsync(admin, "operator/users/opl-developer/lock", new { reason = "left the company" }, HttpStatusCode.NoContent);

        var locked = await UntilAsync(() => admin.GetFromJsonAsync<Page<UserListing>>("operator/users?search=OPL-&state=locked", Ct), p => p!.Items is [{ Name: "opl-developer", Reason: "left the company" }]);
        Assert.Equal(1, locked!.Total);
        await UntilAsync(() => admin.GetFromJsonAsync<Page<UserListing>>("operator/users?search=opl-manager", Ct), p => p!.Items is [{ State: "ready", Workspaces: 2 }]);
        await UntilAsync(
            () => admin.GetFromJsonAsync<Page<WorkspaceListing>>($"operator/workspaces?search={team}", Ct),
            p => p!.Items is [{ Kind: "team", Owner: "opl-owner", Members: 3, State: "ready" } found] && found.Quota.Any(q => q.Resource == "pods"));

        await PostAsync(admin, "operator/users/opl-developer/unlock", new { }, HttpStatusCode.NoContent);
        await UntilAsync(() => admin.GetFromJsonAsync<Page<UserListing>>("operator/users?search=opl-developer", Ct), p => p!.Items is [{ State: "ready", Reason: null }]);
    }

    [Fact]
    public async Task Quota_SetByTheOperator_IsTheWallsOwn()
    {
        await tenants.MakeAsync("opq");
        using var admin = await AdminAsync();

        using (var put = await admin.PutAsJsonAsync("operator/workspaces/ns-opq/quota", new { pods = "33", cpu = "7" }, Ct))
        {
            Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        }

        await UntilAsync(
            () => admin.GetFromJsonAsync<ItemList<QuotaLine>>("operator/workspaces/opq/quota", Ct),
            q => q!.Items.Any(l => l is { Resource: "pods", Limit: "33" }) && q.Items.Any(l => l is { Resource: "limits.cpu", Limit: "7" }) && q.Items.Any(l => l is { Resource: "limits.memory", Limit: "64Gi" }));
        using var wrong = await admin.PutAsJsonAsync("operator/workspaces/opq/quota", new { memory = "-1Gi" }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("\"memory\"", await wrong.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        // And what all may take.
        using (var patch = await admin.PatchAsJsonAsync("operator/settings/workspaces", new Dictionary<string, string?> { ["quota"] = """{"services.nodeports":"4"}""", ["podSecurity"] = null }, Ct))
        {
            var view = await patch.Content.ReadFromJsonAsync<WallView>(Ct);
            Assert.Equal(("4", "baseline", 1), (view!.InForce.Quota["services.nodeports"], view.InForce.PodSecurity, view.Settings.Count));
        }

        await UntilAsync(() => admin.GetFromJsonAsync<ItemList<QuotaLine>>("operator/workspaces/opq/quota", Ct), q => q!.Items.Any(l => l is { Resource: "services.nodeports", Limit: "4" }));
        using var slip = await admin.PatchAsJsonAsync("operator/settings/workspaces", new { podSecurity = "privileged" }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, slip.StatusCode);
        Assert.Contains("\"podSecurity\"", await slip.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Empty((await admin.GetFromJsonAsync<WallView>("operator/settings/workspaces", Ct))!.Notes);
    }

    [Fact]
    public async Task Workspace_SuspendedAndResumed_RunsAsBefore()
    {
        await tenants.MakeAsync("ops");
        using var admin = await AdminAsync();
        await Client.CreateAsync(Web(2), Ct);
        await Client.CreateAsync(new Pod { Metadata = new ObjectMeta { Name = "alone", Namespace = "ns-ops", Labels = new() { ["kept"] = "yes" } }, Spec = new PodSpec { Containers = [Container()] } }, Ct);
        await UntilAsync(() => PodsAsync("ns-ops"), p => p.Count == 3);

        await PostAsync(admin, "operator/workspaces/ops/suspend", new { reason = "mines coins" }, HttpStatusCode.NoContent);
        await UntilAsync(() => StatusAsync("ns-ops"), s => s == "SuspendCompleted");
        Assert.Empty(await PodsAsync("ns-ops"));
        Assert.Equal(0, (await Client.GetAsync<Deployment>("ns-ops", "web", Ct)).Spec!.Replicas);
        Assert.Contains(await tenants.ListAsync<NotificationView>("ops", "notifications"), n => n.Message.Contains("mines coins", StringComparison.Ordinal));
        using (var again = await admin.PostAsJsonAsync("operator/workspaces/ops/suspend", new { reason = "once more" }, Ct))
        {
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        }

        await PostAsync(admin, "operator/workspaces/ops/resume", new { }, HttpStatusCode.NoContent);
        await UntilAsync(() => StatusAsync("ns-ops"), s => s == "Normal");
        var pods = await UntilAsync(() => PodsAsync("ns-ops"), p => p.Count == 3);
        Assert.Equal("yes", pods.Single(p => p.Metadata.Name == "alone").Metadata.Labels!["kept"]);
        var web = await Client.GetAsync<Deployment>("ns-ops", "web", Ct);
        Assert.Equal(2, web.Spec!.Replicas);
        Assert.DoesNotContain(web.Metadata.Annotations!, a => a.Key == SuspendedKind.Key);
        Assert.DoesNotContain((await Client.ListAsync<Secret>("user-system", null, Ct)).Items, s => s.Metadata.Name!.StartsWith("suspended-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Impersonation_IsToldToTheUser_AndChangesNothingOfHowTheySignIn()
    {
        await tenants.MakeAsync("opi");
        using var admin = await AdminAsync();
        foreach (var (name, body, status) in new[]
        {
            ("admin", (object)new { reason = "to look" }, HttpStatusCode.Forbidden), ("nobody-of-the-name", new { reason = "to look" }, HttpStatusCode.NotFound),
            ("opi", new { reason = "" }, HttpStatusCode.BadRequest), ("opi", new { reason = "to look", @for = "2h" }, HttpStatusCode.BadRequest),
        })
        {
            await PostAsync(admin, $"operator/users/{name}/impersonate", body, status);
        }

        using var opened = await admin.PostAsJsonAsync("operator/users/opi/impersonate", new { reason = "ticket 12", @for = "15m" }, Ct);
        var grant = (await opened.Content.ReadFromJsonAsync<SignInGrant>(Ct))!;
        using var acting = tenants.Api.Open(grant.Token);
        Assert.Equal("opi", (await acting.GetFromJsonAsync<WhoAmI>("whoami", Ct))!.User);
        foreach (var (method, path) in new[] { ("GET", "kubeconfig"), ("POST", "kubeconfig/rotate"), ("POST", "tokens"), ("POST", "account/password"), ("POST", "account/totp/start"), ("POST", "sessions/end-others"), ("POST", "workspaces"), ("GET", "operator/users") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Parse(method), path) { Content = JsonContent.Create(new { }) };
            using var answer = await acting.SendAsync(request, Ct);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{method} {path}: {answer.StatusCode}");
        }

        var told = Assert.Single(await tenants.ListAsync<NotificationView>("opi", "notifications"));
        Assert.Contains("ticket 12", told.Message, StringComparison.Ordinal);
        Assert.Contains("admin", told.Message, StringComparison.Ordinal);
        var session = Assert.Single((await Client.ListAsync<Secret>("user-system", new ListQuery { LabelSelector = "user.sealos.io/owner=opi", FieldSelector = SessionObjects.Selector }, Ct)).Items, s => SessionObjects.Read(s, null).Operator is not null);
        Assert.Equal("admin", OperatorSessions.OperatorOf(session.Metadata.Name));
        var shown = SessionObjects.Read(session, null);
        Assert.Equal(("admin", "ticket 12", TimeSpan.FromMinutes(15)), (shown.Operator, shown.Reason, shown.Expires - shown.Created));

        await new UserAccounts(Client).SetLockedAsync("opi", true, Ct);
        await UntilAsync(() => Client.ListAsync<Secret>("user-system", new ListQuery { LabelSelector = "user.sealos.io/owner=opi", FieldSelector = SessionObjects.Selector }, Ct), l => l.Items.Count == 0);
        await PostAsync(admin, "operator/users/opi/impersonate", new { reason = "to look" }, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Announcement_IsOneObject_ReadByEachForThemselves()
    {
        await tenants.MakeAsync("opn", "opm");
        using var admin = await AdminAsync();
        using var made = await admin.PostAsJsonAsync("operator/announcements", new { text = "Maintenance tonight\nfrom ten on", severity = "high" }, Ct);
        var id = (await made.Content.ReadFromJsonAsync<AnnouncementView>(Ct))!.Id;
        await PostAsync(admin, "operator/announcements", new { text = "only you", to = "user/opm" }, HttpStatusCode.OK);
        await PostAsync(admin, "operator/announcements", new { text = "x", to = "user/nobody-of-the-name" }, HttpStatusCode.NotFound);
        await PostAsync(admin, "operator/announcements", new { text = "x", severity = "urgent" }, HttpStatusCode.BadRequest);

        var note = Assert.Single(await tenants.ListAsync<NotificationView>("opn", "notifications"), n => n.Id == id);
        Assert.Equal(("everybody", "Maintenance tonight", "High", false), (note.Scope, note.Title, note.Importance, note.IsRead));
        await tenants.DoAsync("opn", HttpMethod.Post, $"notifications/{id}/read");
        Assert.True((await tenants.ListAsync<NotificationView>("opn", "notifications")).Single(n => n.Id == id).IsRead);
        var others = await tenants.ListAsync<NotificationView>("opm", "notifications");
        Assert.False(others.Single(n => n.Id == id).IsRead);
        var own = others.Single(n => n.Scope == "own");

        // A personal token reads them where it is for its person's own workspace, and else what everybody is told.
        var team = (await tenants.PostAsync<WorkspaceView>("opm", "workspaces", new { name = "opm team" })).Id;
        Assert.Equal(["everybody", "own"], (await ByTokenAsync("opm", "opm")).Where(n => n.Id == id || n.Id == own.Id).Select(n => n.Scope).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(await ByTokenAsync("opm", team), n => n.Scope == "own");
        await tenants.DoAsync("opm", HttpMethod.Post, $"notifications/{own.Id}/read");
        Assert.True((await tenants.ListAsync<NotificationView>("opm", "notifications")).Single(n => n.Id == own.Id).IsRead);

        using var gone = await admin.DeleteAsync($"operator/announcements/{id}", Ct);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.DoesNotContain(await tenants.ListAsync<NotificationView>("opn", "notifications"), n => n.Id == id);
    }

    private async Task<IReadOnlyList<NotificationView>> ByTokenAsync(string user, string workspace)
    {
        var made = await tenants.PostAsync<TokenView>(user, "tokens", new { name = "reader", role = "Developer", workspaces = new[] { workspace } });
        using var program = tenants.Api.Open(made.Token);
        return (await program.GetFromJsonAsync<ItemList<NotificationView>>("notifications", Ct))!.Items;
    }

    private static Container Container() => new() { Name = "main", Image = "example.test/none:1" };

    private static Deployment Web(int replicas) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "ns-ops" },
        Spec = new DeploymentSpec
        {
            Replicas = replicas,
            Selector = new LabelSelector { MatchLabels = new() { ["app"] = "web" } },
            Template = new PodTemplateSpec { Metadata = new ObjectMeta { Labels = new() { ["app"] = "web" } }, Spec = new PodSpec { Containers = [Container()] } },
        },
    };

    private static async Task PostAsync(HttpClient http, string path, object body, HttpStatusCode expected)
    {
        using var answer = await http.PostAsJsonAsync(path, body, Ct);
        Assert.True(answer.StatusCode == expected, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}");
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> holds)
    {
        for (var start = TimeProvider.System.GetTimestamp(); ;)
        {
            var seen = await look();
            if (holds(seen))
            {
                return seen;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1), $"still {JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(seen))}");
            await Task.Delay(20, Ct);
        }
    }

    private async Task<HttpClient> AdminAsync() => tenants.Api.Open(await tenants.Api.IssueAsync("user-system", "admin", Ct));

    private async Task<IReadOnlyList<Pod>> PodsAsync(string ns) => (await Client.ListAsync<Pod>(ns, null, Ct)).Items;

    private async Task<string?> StatusAsync(string ns) => (await Client.GetAsync<Namespace>(null, ns, Ct)).Metadata.Annotations?.GetValueOrDefault(UserKeys.DebtStatus);
}
