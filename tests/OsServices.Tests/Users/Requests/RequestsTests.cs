using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Requests;
using Xunit;

namespace Sealos.OsServices_Tests.Users.Requests;

public sealed class RequestsTests(UsersFixture fixture) : IClassFixture<UsersFixture>
{
    private readonly KubeClient _client = fixture.Client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Roles_GrantedChangedAndTaken_HoldInTheWorkspace()
    {
        await fixture.MakeAsync("ada");
        await fixture.MakeAsync("bob");
        await fixture.MakeTeamAsync("crew", "ada");
        using var bob = await fixture.SignInAsync("bob");

        Assert.Equal("Completed", (await AskAsync("ns-crew", "bob", "Developer", "Grant")).Status!.Phase);
        await bob.ListAsync<Pod>("ns-crew", null, Ct);
        await ForbiddenAsync(() => bob.ListAsync<Secret>("ns-crew", null, Ct));
        await ForbiddenAsync(() => bob.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "mine", Namespace = "ns-crew" } }, Ct));

        await AskAsync("ns-crew", "bob", "Manager", "Update");
        await bob.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "mine", Namespace = "ns-crew" } }, Ct);

        // A personal token has no more than its user, and goes with the last of their rights.
        var token = UsersObjects.MemberBinding("bob", "ns-crew", "Manager");
        token.Metadata.Name = "rb-token-x";
        await _client.CreateAsync(token, Ct);
        await AskAsync("ns-crew", "bob", "Developer", "Update");
        Assert.Null(await _client.FindAsync<RoleBinding>("ns-crew", "rb-token-x", Ct));

        await AskAsync("ns-crew", "bob", "Developer", "Deprive");
        await ForbiddenAsync(() => bob.ListAsync<Pod>("ns-crew", null, Ct));
    }

    [Fact]
    public async Task Team_HandedOver_IsTheOthers()
    {
        await fixture.MakeAsync("carol");
        await fixture.MakeAsync("dora");
        await fixture.MakeTeamAsync("guild", "carol");

        Assert.Equal("Completed", (await AskAsync("ns-guild", "dora", "Owner", "Update")).Status!.Phase);

        await HasRoleAsync("ns-guild", "rb-dora", "Owner");
        await HasRoleAsync("ns-guild", "rb-carol", "Developer");
        Assert.Equal("dora", (await _client.GetAsync<Namespace>(null, "ns-guild", Ct)).Metadata.Labels![UserKeys.Owner]);
        var team = await fixture.WhenAsync("guild", u => u.Metadata.Labels![UserKeys.Owner] == "dora" && u.Status?.Phase == "Active");
        Assert.Equal("dora", team.Metadata.Annotations![UserKeys.Owner]);
        Assert.Equal("Failed", (await AskAsync("ns-guild", "dora", "Owner", "Deprive")).Status!.Phase);
        Assert.Equal("Completed", (await AskAsync("ns-guild", "carol", "Developer", "Deprive")).Status!.Phase);
    }

    [Fact]
    public async Task Team_WithAnOwnerBesidesTheOneWhoseItIs_MakesThemADeveloper()
    {
        await fixture.MakeAsync("uma");
        await fixture.MakeAsync("vic");
        await fixture.MakeTeamAsync("single", "uma");
        await _client.CreateAsync(UsersObjects.MemberBinding("vic", "ns-single", "Owner"), Ct);

        // Whatever is touched has the team looked at.
        await _client.DeleteAsync<RoleBinding>("ns-single", "rb-uma", null, Ct);

        await HasRoleAsync("ns-single", "rb-vic", "Developer");
        await HasRoleAsync("ns-single", "rb-uma", "Owner");
    }

    [Theory]
    [InlineData("ns-nowhere", "eve", "there is no workspace ns-nowhere")]
    [InlineData("ns-eve", "eve", "ns-eve is a private workspace; only a team has members")]
    [InlineData("ns-lonely", "phantom", "there is no user phantom")]
    [InlineData("ns-lonely", "lonely", "there is no user lonely")]
    public async Task Request_ThatMakesNoSense_FailsAndSaysWhy(string ns, string user, string why)
    {
        foreach (var name in new[] { "eve", "lonely" })
        {
            if (await _client.FindAsync<User>(null, name, Ct) is null)
            {
                await (name == "eve" ? fixture.MakeAsync(name) : fixture.MakeTeamAsync(name, "eve"));
            }
        }

        var request = await AskAsync(ns, user, "Developer", "Grant");

        Assert.Equal("Failed", request.Status!.Phase);
        Assert.Equal(why, request.Status.Message);
    }

    [Fact]
    public async Task Team_ThatIsFull_TakesNobodyMore()
    {
        await fixture.MakeAsync("fay");
        await fixture.MakeAsync("gus");
        await fixture.MakeTeamAsync("full", "fay");
        for (var i = 1; i < MembershipChange.MostMembers; i++)
        {
            await _client.CreateAsync(UsersObjects.MemberBinding($"m{i}", "ns-full", "Developer"), Ct);
        }

        Assert.Equal("ns-full has 50 members, which is the most a team may have", (await AskAsync("ns-full", "gus", "Developer", "Grant")).Status!.Message);
    }

    [Fact]
    public async Task DeleteRequest_EndsTeamsAndThoseMarked_NobodyElse()
    {
        await fixture.MakeAsync("hal");
        await fixture.MakeTeamAsync("gone", "hal");

        Assert.Equal("user hal is neither a team nor marked as deleted", (await EndAsync("hal")).Status!.Message);
        Assert.Equal("the operator's user is not deleted by request", (await EndAsync("admin")).Status!.Message);
        Assert.Equal("there is no user nobody", (await EndAsync("nobody")).Status!.Message);
        Assert.Equal("Completed", (await EndAsync("gone")).Status!.Phase);
        Assert.Null(await _client.FindAsync<Namespace>(null, "ns-gone", Ct));

        await fixture.PatchAsync<User>(null, "hal", """{"metadata":{"labels":{"user.sealos.io/status":"Deleted"}}}""");
        Assert.Equal("Completed", (await EndAsync("hal")).Status!.Phase);
        Assert.Null(await _client.FindAsync<User>(null, "hal", Ct));
    }

    private async Task<Operationrequest> AskAsync(string ns, string user, string role, string action)
    {
        var made = await _client.CreateAsync(new Operationrequest
        {
            Metadata = new ObjectMeta { GenerateName = "request-", Namespace = "user-system" },
            Spec = new OperationrequestSpec { Namespace = ns, User = user, Role = role, Action = action },
        }, Ct);
        Operationrequest? found = null;
        await UsersFixture.EventuallyAsync("the request's end", async () => (found = await _client.GetAsync<Operationrequest>("user-system", made.Metadata.Name!, Ct)).Status?.Phase is "Completed" or "Failed");
        return found!;
    }

    private async Task<DeleteRequest> EndAsync(string user)
    {
        var made = await _client.CreateAsync(new DeleteRequest { Metadata = new ObjectMeta { GenerateName = "end-" }, Spec = new DeleteRequestSpec { User = user } }, Ct);
        DeleteRequest? found = null;
        await UsersFixture.EventuallyAsync("the request's end", async () => (found = await _client.GetAsync<DeleteRequest>(null, made.Metadata.Name!, Ct)).Status?.Phase is "Completed" or "Failed");
        return found!;
    }

    private static async Task ForbiddenAsync<T>(Func<Task<T>> call) => Assert.Equal(403, (await Assert.ThrowsAsync<ApiException>(call)).Code);

    // A binding's role never changes: it is taken away and made anew.
    private Task HasRoleAsync(string ns, string binding, string role) =>
        UsersFixture.EventuallyAsync($"{binding} being of {role}", async () => (await _client.FindAsync<RoleBinding>(ns, binding, Ct))?.RoleRef!.Name == role);
}
