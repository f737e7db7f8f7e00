using System.Net;
using System.Net.Http.Json;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;
using Sealos.OsServices;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;
using Sealos.OsServices.Workspaces.Tokens;
using Xunit;

namespace Sealos.OsServices_Tests.Workspaces;

public sealed class WorkspacesTests(Tenants tenants) : IClassFixture<Tenants>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Team_IsMadeRenamedSharedHandedOverLeftAndDeleted()
    {
        await tenants.MakeAsync("anna", "ben");
        var team = await tenants.PostAsync<WorkspaceView>("anna", "workspaces", new { name = "Shop" });
        Assert.Matches("^[a-z][a-z0-9]{7}$", team.Id);
        Assert.Equal(("Shop", "team", "Owner", "anna", "ready"), (team.Name, team.Kind, team.Role, team.Owner, team.State));
        await tenants.DoAsync("anna", HttpMethod.Patch, $"workspaces/{team.Id}", new { name = "Store" });

        var link = await tenants.PostAsync<InvitationView>("anna", $"workspaces/{team.Id}/invitations", new { role = "developer" });
        Assert.Null(Assert.Single(await tenants.ListAsync<InvitationView>("anna", $"workspaces/{team.Id}/invitations")).Code);
        var entered = await tenants.PostAsync<WorkspaceView>("ben", "invitations/accept", new { code = link.Code });
        Assert.Equal(("Store", "Developer"), (entered.Name, entered.Role));
        Assert.Equal([("ben", "private"), (team.Id, "team")], (await tenants.ListAsync<WorkspaceView>("ben", "workspaces")).Select(w => (w.Id, w.Kind)));

        await tenants.DoAsync("anna", HttpMethod.Post, $"workspaces/{team.Id}/transfer", new { user = "ben" });
        Assert.Equal([("ben", "Owner"), ("anna", "Developer")], (await tenants.ListAsync<MemberView>("anna", $"workspaces/{team.Id}/members")).Select(m => (m.User, m.Role)));
        await tenants.DoAsync("anna", HttpMethod.Delete, $"workspaces/{team.Id}/members/anna");
        Assert.Equal(HttpStatusCode.NotFound, (await tenants.RefusalAsync("anna", HttpMethod.Get, $"workspaces/{team.Id}")).Status);

        await tenants.Api.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "kept", Namespace = team.Namespace } }, Ct);
        Assert.Contains(new ContentView("settings", 1), await tenants.ListAsync<ContentView>("ben", $"workspaces/{team.Id}/contents"));
        await tenants.DoAsync("ben", HttpMethod.Delete, $"workspaces/{team.Id}");
        Assert.Equal(["ben"], (await tenants.ListAsync<WorkspaceView>("ben", "workspaces")).Select(w => w.Id));
    }

    [Fact]
    public async Task Link_IsUsedOnce_WhoeverComesFirst()
    {
        await tenants.MakeAsync("lisa", "max", "mia", "moe");
        var team = await tenants.PostAsync<WorkspaceView>("lisa", "workspaces", new { name = "race" });
        var link = await tenants.PostAsync<InvitationView>("lisa", $"workspaces/{team.Id}/invitations", new { role = "Developer", expiresIn = "1h" });

        var answers = await Task.WhenAll(new[] { "max", "mia", "moe" }.Select(n => tenants.As(n).PostAsJsonAsync("invitations/accept", new { code = link.Code }, Ct)));

        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.Equal(2, answers.Count(a => a.StatusCode == HttpStatusCode.NotFound));
        Assert.Equal(2, (await tenants.ListAsync<MemberView>("lisa", $"workspaces/{team.Id}/members")).Count);
    }

    [Fact]
    public async Task Invitation_IsForThePersonWhoHadTheName_NotForWhoTakesItLater()
    {
        await tenants.MakeAsync("uid-owner", "uid-guest");
        var team = await tenants.PostAsync<WorkspaceView>("uid-owner", "workspaces", new { name = "uid" });
        var path = $"workspaces/{team.Id}/invitations";
        var (status, error) = await tenants.RefusalAsync("uid-owner", HttpMethod.Post, path, new { role = "Developer", user = "admin" });
        Assert.Equal((HttpStatusCode.BadRequest, "user"), (status, error.Field));

        // The inviter is not told who exists; and whoever is called so later is not who was meant.
        var nobodys = await tenants.PostAsync<InvitationView>("uid-owner", path, new { role = "Developer", user = "uid-nobody" });
        Assert.Equal(("uid-nobody", "pending"), (nobodys.User, nobodys.State));
        await tenants.PostAsync<InvitationView>("uid-owner", path, new { role = "Developer", user = team.Id });
        await tenants.MakeAsync("uid-nobody");
        Assert.Empty(await tenants.ListAsync<InvitationView>("uid-nobody", "invitations"));
        Assert.Equal(HttpStatusCode.NotFound, (await tenants.RefusalAsync("uid-nobody", HttpMethod.Post, $"invitations/{nobodys.Id}/accept")).Status);

        var invitation = await tenants.PostAsync<InvitationView>("uid-owner", path, new { role = "Developer", user = "uid-guest" });
        Assert.Single(await tenants.ListAsync<InvitationView>("uid-guest", "invitations"));
        await tenants.Api.Client.DeleteAsync<User>(null, "uid-guest", null, Ct);
        await new ObjectWait(tenants.Api.Client, TimeProvider.System).UntilAsync<User>(null, "uid-guest", u => u is null, TimeSpan.FromMinutes(1), Ct);
        await tenants.MakeAsync("uid-guest");

        Assert.Empty(await tenants.ListAsync<InvitationView>("uid-guest", "invitations"));
        Assert.Equal(HttpStatusCode.NotFound, (await tenants.RefusalAsync("uid-guest", HttpMethod.Post, $"invitations/{invitation.Id}/accept")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await tenants.RefusalAsync("uid-guest", HttpMethod.Post, $"invitations/{invitation.Id}/decline")).Status);
    }

    [Fact]
    public async Task Invitation_EndsWithItsInviter_AndWithANo()
    {
        var team = await tenants.MakeTeamAsync("inv");
        await tenants.MakeAsync("guest");
        var byManager = await tenants.PostAsync<InvitationView>("inv-manager", $"workspaces/{team}/invitations", new { role = "Developer", user = "guest" });
        await tenants.DoAsync("inv-owner", HttpMethod.Delete, $"workspaces/{team}/members/inv-manager");
        Assert.Equal(HttpStatusCode.Forbidden, (await tenants.RefusalAsync("guest", HttpMethod.Post, $"invitations/{byManager.Id}/accept")).Status);

        var again = await tenants.PostAsync<InvitationView>("inv-owner", $"workspaces/{team}/invitations", new { role = "Manager", user = "guest" });
        Assert.Equal(HttpStatusCode.NotFound, (await tenants.RefusalAsync("inv-developer", HttpMethod.Post, $"invitations/{again.Id}/accept")).Status);
        Assert.Equal(2, (await tenants.ListAsync<InvitationView>("guest", "invitations")).Count);
        await tenants.DoAsync("guest", HttpMethod.Post, $"invitations/{again.Id}/decline");
        Assert.Equal(HttpStatusCode.NotFound, (await tenants.RefusalAsync("guest", HttpMethod.Post, $"invitations/{again.Id}/accept")).Status);

        var revoked = await tenants.PostAsync<InvitationView>("inv-owner", $"workspaces/{team}/invitations", new { role = "Developer" });
        await tenants.DoAsync("inv-owner", HttpMethod.Delete, $"workspaces/{team}/invitations/{revoked.Id}");
        Assert.Equal(HttpStatusCode.NotFound, (await tenants.RefusalAsync("guest", HttpMethod.Post, "invitations/accept", new { code = revoked.Code })).Status);
    }

    [Theory]
    [InlineData("POST", "workspaces", "{\"name\":\"\"}", "name")]
    [InlineData("POST", "workspaces", "{\"name\":null}", "name")]
    [InlineData("POST", "workspaces", "{\"name\":\"a\\u202Eb\"}", "name")]
    [InlineData("POST", "tokens", "{\"name\":\"t\",\"role\":\"King\",\"workspaces\":[\"x\"]}", "role")]
    [InlineData("POST", "tokens", "{\"name\":\"t\",\"role\":\"Owner\",\"workspaces\":[]}", "workspaces")]
    [InlineData("POST", "workspaces/wrong/invitations", "{\"role\":\"Developer\",\"user\":\"Größe\"}", "user")]
    [InlineData("POST", "workspaces/wrong/invitations", "{\"role\":\"Developer\",\"expiresIn\":\"soon\"}", "expiresIn")]
    [InlineData("POST", "workspaces/wrong/invitations", "{\"role\":\"Developer\",\"expiresIn\":\"99999999d\"}", "expiresIn")]
    public async Task WrongField_IsNamed(string method, string path, string body, string field)
    {
        if (!await ExistsAsync("wrong"))
        {
            await tenants.MakeAsync("wrong");
        }

        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        using var answer = await tenants.As("wrong").SendAsync(request, Ct);
        var error = await answer.Content.ReadFromJsonAsync<OsServices.Access.ServiceError>(Ct);

        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.StatusCode, error!.Field));
    }

    [Fact]
    public async Task Workspace_OfOthers_LooksLikeNone()
    {
        var team = await tenants.MakeTeamAsync("hid");
        await tenants.MakeAsync("nosy");

        var real = await tenants.RefusalAsync("nosy", HttpMethod.Get, $"workspaces/{team}");
        var none = await tenants.RefusalAsync("nosy", HttpMethod.Get, "workspaces/zzzzzzzz");

        Assert.Equal(none.Status, real.Status);
        Assert.Equal(none.Error.Error.Replace("zzzzzzzz", team, StringComparison.Ordinal), real.Error.Error);
    }

    [Fact]
    public async Task PersonalToken_IsNoMoreThanItsUser_AndGoesWithTheirRole()
    {
        var team = await tenants.MakeTeamAsync("tok");
        Assert.Equal(HttpStatusCode.Forbidden, (await tenants.RefusalAsync("tok-developer", HttpMethod.Post, "tokens", new { name = "ci", role = "Manager", workspaces = new[] { team } })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await tenants.RefusalAsync("tok-developer", HttpMethod.Post, "tokens", new { name = "ci", role = "Developer", workspaces = new[] { "tok-owner" } })).Status);
        var token = await tenants.PostAsync<TokenView>("tok-manager", "tokens", new { name = "ci", role = "Manager", workspaces = new[] { team }, expiresIn = "12h" });
        Assert.Null(Assert.Single(await tenants.ListAsync<TokenView>("tok-manager", "tokens")).Token);
        using var source = new ControllerKit.Client.KubeClientSource(tenants.Api.Client.Config);
        using var ci = source.For(token.Token!);
        await ci.CreateAsync(new ConfigMap { Metadata = new() { Name = "by-token", Namespace = "ns-" + team } }, Ct);

        using var http = tenants.Api.Open(token.Token);
        Assert.Equal(("tok-manager", token.Id), await http.GetFromJsonAsync<WhoAmI>("whoami", Ct) is { } who ? (who.User, who.PersonalToken) : default);
        Assert.Equal([team], (await http.GetFromJsonAsync<ItemList<WorkspaceView>>("workspaces", Ct))!.Items.Select(w => w.Id));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("workspaces/tok-manager", Ct)).StatusCode);
        using var refused = await http.PostAsJsonAsync("tokens", new { name = "x", role = "Developer", workspaces = new[] { team } }, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        await tenants.DoAsync("tok-owner", HttpMethod.Put, $"workspaces/{team}/members/tok-manager", new { role = "Developer" });
        await UntilAsync(async () => (await tenants.Api.Client.FindAsync<RoleBinding>("ns-" + team, "rb-" + token.Id, Ct))?.RoleRef?.Name == "Developer");
        await tenants.DoAsync("tok-owner", HttpMethod.Delete, $"workspaces/{team}/members/tok-manager");
        await UntilAsync(async () => await tenants.Api.Client.FindAsync<RoleBinding>("ns-" + team, "rb-" + token.Id, Ct) is null);
        await tenants.DoAsync("tok-manager", HttpMethod.Delete, $"tokens/{token.Id}");
        await UntilAsync(async () => await tenants.Api.Client.FindAsync<ServiceAccount>("user-system", token.Id, Ct) is null);
    }

    [Fact]
    public async Task PersonalToken_AskedForInASessionThatEndsMeanwhile_IsTakenBack()
    {
        await tenants.MakeAsync("tok-late");
        using var parts = new WorkspaceParts(tenants.Api.Client, TimeProvider.System, new WorkspaceOptions());
        var (client, now) = (tenants.Api.Client, TimeProvider.System.GetUtcNow());
        var credential = await client.GetAsync<Secret>("user-system", UsersObjects.PasswordSecretOf("tok-late"), Ct);
        var session = await client.CreateAsync(SessionObjects.Build("tok-late", credential, "password", ClientInfo.Unknown, (now, now.AddHours(1))), Ct);
        var caller = new Caller("tok-late", false, (await AccountTokens.IssueAsync(client, "tok-late", session, 3600, Ct)).Token!);
        var wanted = new TokenCreation("ci", "Developer", ["tok-late"], null);
        Assert.NotNull((await new PersonalTokens(parts).CreateAsync(caller, wanted, Ct)).Token);

        await Sessions.EndAllAsync(client, "tok-late", null, Ct);
        await Assert.ThrowsAsync<ServiceException>(() => new PersonalTokens(parts).CreateAsync(caller, wanted, Ct));

        Assert.Single(await new PersonalTokens(parts).ListAsync("tok-late", Ct));
    }

    private async Task<bool> ExistsAsync(string user) => await tenants.Api.Client.FindAsync<OsServices.Users.User>(null, user, Ct) is not null;

    private static async Task UntilAsync(Func<Task<bool>> isDone)
    {
        while (!await isDone())
        {
            await Task.Delay(10, Ct);
        }
    }
}
