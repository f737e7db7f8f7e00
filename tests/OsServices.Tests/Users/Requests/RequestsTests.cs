using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users;
using Sealos.OsServices.Users.Requests;
using Sealos.OsServices.Users.Walls;
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

    [Fact]
    public async Task Request_OfWhoHasLostTheRight_FailsAndSaysWhose()
    {
        foreach (var name in new[] { "ida", "jan", "kim", "lou" })
        {
            await fixture.MakeAsync(name);
        }

        await fixture.MakeTeamAsync("judged", "ida");
        await AskAsync("ns-judged", "jan", "Manager", "Grant");
        Assert.Equal("Completed", (await AskAsync("ns-judged", "kim", "Developer", "Grant", "jan")).Status!.Phase);
        Assert.Equal("jan, who asked for this, may not do it any more: A manager may only let developers in, and take them out.", (await AskAsync("ns-judged", "lou", "Manager", "Grant", "jan")).Status!.Message);
        await AskAsync("ns-judged", "jan", "Developer", "Update");
        Assert.Equal("jan, who asked for this, may not do it any more: Only the owner or a manager may do this.", (await AskAsync("ns-judged", "kim", "Developer", "Deprive", "jan")).Status!.Message);
        Assert.Equal("jan, who asked for this, does not own the workspace any more", (await EndAsync("judged", "jan")).Status!.Message);
        await fixture.PatchAsync<User>(null, "ida", """{"metadata":{"labels":{"user.sealos.io/status":"Locked"}}}""");
        Assert.Equal("ida, who asked for this, may not sign in any more", (await AskAsync("ns-judged", "kim", "Developer", "Deprive", "ida")).Status!.Message);
        Assert.Equal("ida, who asked for this, may not sign in any more", (await EndAsync("judged", "ida")).Status!.Message);
        await HasRoleAsync("ns-judged", "rb-kim", "Developer");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task HandingOver_CutOffAfterAnyStep_IsBroughtToItsEnd(int steps)
    {
        var (team, old, heir) = ($"cut{steps}", $"cutold{steps}", $"cutnew{steps}");
        await fixture.MakeAsync(old);
        await fixture.MakeAsync(heir);
        await fixture.MakeTeamAsync(team, old);
        var ns = "ns-" + team;
        var mark = """{"metadata":{"labels":{"user.sealos.io/owner":"HEIR"},"annotations":{"user.sealos.io/owner":"HEIR"}}}""".Replace("HEIR", heir, StringComparison.Ordinal);

        // As a server leaves it that is killed in between.
        Func<Task>[] done =
        [
            () => fixture.PatchAsync<User>(null, team, mark),
            () => fixture.PatchAsync<Namespace>(null, ns, mark),
            () => _client.TryCreateAsync(UsersObjects.MemberBinding(heir, ns, "Owner"), Ct),
            async () => await _client.DeleteExactlyAsync(await _client.GetAsync<RoleBinding>(ns, "rb-" + old, Ct), null, Ct),
        ];
        foreach (var step in done.Take(steps))
        {
            await step();
        }

        Assert.Equal("Completed", (await AskAsync(ns, heir, "Owner", "Update")).Status!.Phase);

        await HasRoleAsync(ns, "rb-" + heir, "Owner");
        await UsersFixture.EventuallyAsync("one owner", async () => (await _client.FindAsync<RoleBinding>(ns, "rb-" + old, Ct))?.RoleRef!.Name is null or "Developer");
        Assert.Equal(heir, (await _client.GetAsync<User>(null, team, Ct)).Metadata.Labels![UserKeys.Owner]);
        Assert.Equal(heir, (await _client.GetAsync<Namespace>(null, ns, Ct)).Metadata.Labels![UserKeys.Owner]);
    }

    [Fact]
    public async Task Request_ThatWasBegun_IsBroughtToItsEnd_ThoughItTookAwayTheRightThatItWasAskedForWith()
    {
        await fixture.MakeAsync("mia");
        await fixture.MakeAsync("max");
        await fixture.MakeTeamAsync("halfway", "mia");
        await using var everywhere = new InformerFactory(_client, NullLoggerFactory.Instance);

        // Where nobody else carries it out meanwhile.
        await using var requests = new InformerFactory(_client, NullLoggerFactory.Instance, "default");
        var cache = new UsersCache(everywhere, requests);
        everywhere.Start();
        requests.Start();
        await Task.WhenAll(everywhere.WaitForSyncAsync(Ct), requests.WaitForSyncAsync(Ct));
        var reconciler = new OperationrequestReconciler(_client, cache.Operationrequests, new MembershipChange(_client, cache, new UserWorkspace(_client, cache, new WallSettings(new WallOptions()))), TimeProvider.System);
        async Task<RequestStatus> EndOfAsync(string phase)
        {
            var labels = new Dictionary<string, string> { [UserKeys.Requester] = "mia" };
            var spec = new OperationrequestSpec { Namespace = "ns-halfway", User = "max", Role = "Owner", Action = "Update" };
            var made = await _client.CreateAsync(new Operationrequest { Metadata = new ObjectMeta { GenerateName = "request-", Namespace = "default", Labels = labels }, Spec = spec }, Ct);
            await _client.PatchAsync<Operationrequest>("default", made.Metadata.Name!, RequestPhases.Patch(phase, null), "status", Ct);
            await UsersFixture.EventuallyAsync("the request being followed", () => Task.FromResult(cache.Operationrequests.Get("default", made.Metadata.Name!)?.Status?.Phase == phase));
            await reconciler.ReconcileAsync(new ObjectKey(null, "ns-halfway"), Ct);
            return (await _client.GetAsync<Operationrequest>("default", made.Metadata.Name!, Ct)).Status!;
        }

        // The old owner is none any more when it goes on.
        await fixture.PatchAsync<User>(null, "halfway", """{"metadata":{"labels":{"user.sealos.io/owner":"max"}}}""");
        await HasRoleAsync("ns-halfway", "rb-mia", "Developer");

        Assert.Equal("Completed", (await EndOfAsync("Processing")).Phase);
        await HasRoleAsync("ns-halfway", "rb-max", "Owner");
        Assert.Equal("Failed", (await EndOfAsync("Pending")).Phase);
    }

    [Fact]
    public async Task Operator_IsGivenNoRoleOfATeam()
    {
        await fixture.MakeAsync("nia");
        await fixture.MakeTeamAsync("trap", "nia");

        Assert.Equal("there is no user admin", (await AskAsync("ns-trap", "admin", "Owner", "Grant")).Status!.Message);
    }

    [Fact]
    public async Task WhoIsLeaving_IsGivenNoTeam_ThatWouldGoWithThem()
    {
        await fixture.MakeAsync("ora");
        await fixture.MakeAsync("pit");
        await fixture.MakeTeamAsync("stays", "ora");
        await AskAsync("ns-stays", "pit", "Developer", "Grant");
        await fixture.PatchAsync<User>(null, "pit", """{"metadata":{"labels":{"user.sealos.io/status":"Deleted"}}}""");

        Assert.Equal("there is no user pit", (await AskAsync("ns-stays", "pit", "Owner", "Update")).Status!.Message);
        Assert.Equal("ora", (await _client.GetAsync<User>(null, "stays", Ct)).OwnerOf());
    }

    private async Task<Operationrequest> AskAsync(string ns, string user, string role, string action, string? requester = null)
    {
        var made = await _client.CreateAsync(new Operationrequest
        {
            Metadata = new ObjectMeta { GenerateName = "request-", Namespace = "user-system", Labels = requester is null ? null : new() { [UserKeys.Requester] = requester } },
            Spec = new OperationrequestSpec { Namespace = ns, User = user, Role = role, Action = action },
        }, Ct);
        Operationrequest? found = null;
        await UsersFixture.EventuallyAsync("the request's end", async () => (found = await _client.GetAsync<Operationrequest>("user-system", made.Metadata.Name!, Ct)).Status?.Phase is "Completed" or "Failed");
        return found!;
    }

    private async Task<DeleteRequest> EndAsync(string user, string? requester = null)
    {
        var made = await _client.CreateAsync(new DeleteRequest
        {
            Metadata = new ObjectMeta { GenerateName = "end-", Labels = requester is null ? null : new() { [UserKeys.Requester] = requester } },
            Spec = new DeleteRequestSpec { User = user },
        }, Ct);
        DeleteRequest? found = null;
        await UsersFixture.EventuallyAsync("the request's end", async () => (found = await _client.GetAsync<DeleteRequest>(null, made.Metadata.Name!, Ct)).Status?.Phase is "Completed" or "Failed");
        return found!;
    }

    private static async Task ForbiddenAsync<T>(Func<Task<T>> call) => Assert.Equal(403, (await Assert.ThrowsAsync<ApiException>(call)).Code);

    // A binding's role never changes: it is taken away and made anew.
    private Task HasRoleAsync(string ns, string binding, string role) =>
        UsersFixture.EventuallyAsync($"{binding} being of {role}", async () => (await _client.FindAsync<RoleBinding>(ns, binding, Ct))?.RoleRef!.Name == role);
}
