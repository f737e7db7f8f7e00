using Sealos.OsServices.Admission;
using Sealos.OsServices.Admission.Rules;
using Xunit;
using static Sealos.OsServices_Tests.Admission.Writes;

namespace Sealos.OsServices_Tests.Admission.Rules;

/// <summary>Rules about users and who is what in a workspace.</summary>
public sealed class UserRulesTests
{
    private const string Team = """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"mallory"}}}""";

    private static World People => new World().WithPerson("mallory").WithPerson("alice").WithPerson("admin").WithTeam("team").WithPerson("locked", "Locked");

    [Theory]
    [InlineData("crew", Team, true)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"mallory"},"annotations":{"user.sealos.io/creator":"mallory"}},"spec":{"csrExpirationSeconds":1000000000}}""", true)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/owner":"mallory"}}}""", false)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"alice"}}}""", false)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"mallory"},"annotations":{"user.sealos.io/creator":"alice"}}}""", false)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"mallory"},"finalizers":["a/b"]}}""", false)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"mallory"}},"spec":{"csrExpirationSeconds":60}}""", false)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"mallory"},"annotations":{"user.sealos.io/display-name":"Die Mannschaft"}}}""", true)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"mallory"},"annotations":{"user.sealos.io/display-name":"\u001b]0;x\u0007"}}}""", false)]
    [InlineData("crew", """{"metadata":{"labels":{"user.sealos.io/type":"Group","user.sealos.io/owner":"mallory"},"annotations":{"user.sealos.io/display-name":"a\u202eb"}}}""", false)]
    [InlineData("token-abc", Team, false)]
    [InlineData("admin", Team, false)]
    [InlineData("A", Team, false)]
    [InlineData("taken", Team, false)]
    public async Task User_ByATenant_IsATeamOfTheirOwn(string name, string json, bool isAllowed)
    {
        var world = People;
        world.Namespaces.Add("ns-taken");

        Assert.Equal(isAllowed, await AskAsync(new UserRule(Options), Users(json, name), world) is null);
    }

    [Fact]
    public async Task User_BeyondTheLimit_OrByNoPerson_IsRefused()
    {
        var world = People;
        world.TeamsLeft = 1;

        Assert.Null(await AskAsync(new UserRule(Options), Users(Team, "one"), world));
        Assert.NotNull(await AskAsync(new UserRule(Options), Users(Team, "two"), world));
        Assert.NotNull(await AskAsync(new UserRule(Options), Users(Team, "x") with { Caller = new AdmissionCaller("t", CallerKind.Tenant, "token-1") }, People));
        Assert.NotNull(await AskAsync(new UserRule(Options), Users(Team, "x") with { Caller = new AdmissionCaller("t", CallerKind.Tenant) }, People));
    }

    [Theory]
    [InlineData("Owner", "Grant", "alice", "Manager", null, true)]
    [InlineData("Owner", "Grant", "alice", "Owner", null, true)]
    [InlineData("Owner", "Deprive", "alice", "Developer", "Manager", true)]
    [InlineData("Owner", "Deprive", "mallory", "Owner", "Owner", false)]
    [InlineData("Manager", "Grant", "alice", "Developer", null, true)]
    [InlineData("Manager", "Grant", "alice", "Manager", null, false)]
    [InlineData("Manager", "Grant", "alice", "Developer", "Owner", false)]
    [InlineData("Manager", "Update", "mallory", "Owner", "Manager", false)]
    [InlineData("Manager", "Deprive", "alice", "Developer", "Developer", true)]
    [InlineData("Manager", "Deprive", "alice", "Developer", "Manager", false)]
    [InlineData("Developer", "Grant", "alice", "Developer", null, false)]
    [InlineData("Developer", "Update", "mallory", "Owner", "Developer", false)]
    [InlineData("Developer", "Deprive", "mallory", "Developer", "Developer", true)]
    [InlineData(null, "Grant", "mallory", "Owner", null, false)]
    [InlineData("Owner", "Grant", "locked", "Developer", null, false)]
    [InlineData("Owner", "Grant", "team", "Developer", null, false)]
    [InlineData("Owner", "Grant", "admin", "Owner", null, false)]
    [InlineData("Owner", "Update", "admin", "Owner", "Developer", false)]
    [InlineData("Owner", "Grant", "nobody", "Developer", null, false)]
    public async Task Operationrequest_IsJudgedByTheRoleOfWhoAsks(string? own, string action, string target, string role, string? current, bool isAllowed)
    {
        var world = People;
        if (current is not null)
        {
            world.WithRole(target, "ns-team", current);
        }

        if (own is not null)
        {
            world.WithRole("mallory", "ns-team", own);
        }

        Assert.Equal(isAllowed, await AskAsync(new OperationrequestRule(), Request("ns-team", target, role, action), world) is null);
    }

    [Fact]
    public async Task Operationrequest_ForAPrivateWorkspace_IsRefused()
    {
        var world = People.WithRole("mallory", "ns-mallory", "Owner");

        Assert.NotNull(await AskAsync(new OperationrequestRule(), Request("ns-mallory", "alice", "Developer", "Grant"), world));
    }

    [Theory]
    [InlineData("Owner", "team", true)]
    [InlineData("Manager", "team", false)]
    [InlineData(null, "team", false)]
    [InlineData("Owner", "mallory", false)]
    public async Task DeleteRequest_IsMadeByTheOwnerOfATeam(string? role, string user, bool isAllowed)
    {
        var world = role is null ? People : People.WithRole("mallory", "ns-" + user, role);

        Assert.Equal(isAllowed, await AskAsync(new DeleteRequestRule(), Create("user.sealos.io/deleterequests", $$$"""{"metadata":{"labels":{"user.sealos.io/requester":"mallory"}},"spec":{"user":"{{{user}}}"}}""") with { Namespace = "" }, world) is null);
    }

    [Theory]
    [InlineData("user.sealos.io/users", "", Team)]
    [InlineData("user.sealos.io/deleterequests", "", """{"metadata":{"labels":{"user.sealos.io/requester":"mallory"}},"spec":{"user":"team"}}""")]
    [InlineData("user.sealos.io/operationrequests", "user-system", """{"metadata":{"labels":{"user.sealos.io/requester":"mallory"}},"spec":{"namespace":"ns-team","user":"alice","role":"Developer","action":"Grant"}}""")]
    public async Task PersonalToken_AsksForNothing_WhateverItsRole(string what, string ns, string json)
    {
        const string Account = "token-0123456789ab";
        AdmissionRule[] rules = [new UserRule(Options), new DeleteRequestRule(), new OperationrequestRule()];
        var rule = rules.Single(r => r.Scopes.Any(s => what.EndsWith("/" + s.Resources[0], StringComparison.Ordinal)));
        var request = Create(what, json) with { Namespace = ns };
        var world = People.WithRole(Account, "ns-team", "Owner").WithRole("mallory", "ns-team", "Owner");

        Assert.Null(await AskAsync(rule, request, world));
        Assert.NotNull(await AskAsync(rule, request with { Caller = new Callers(_ => true).Of("system:serviceaccount:user-system:" + Account, []) }, world));
    }

    [Theory]
    [InlineData("""{"spec":{}}""", """{"op":"add","path":"/metadata/labels","value":{"user.sealos.io/requester":"mallory"}}""")]
    [InlineData("""{"metadata":{"labels":{"user.sealos.io/requester":"alice"}}}""", """{"op":"add","path":"/metadata/labels/user.sealos.io~1requester","value":"mallory"}""")]
    public void Request_OfATenant_IsMarkedAsTheirs_WhateverItSays(string json, string patch) =>
        Assert.Equal(patch, Assert.Single(new RequesterMark().Patch(Create("user.sealos.io/operationrequests", json) with { Namespace = "user-system" })).ToJsonString());

    [Fact]
    public async Task Request_MarkedAsSomebodyElses_OrOneOfTooMany_IsRefused()
    {
        const string Spec = "\"spec\":{\"namespace\":\"ns-team\",\"user\":\"alice\",\"role\":\"Developer\",\"action\":\"Grant\"}";
        var world = People.WithRole("mallory", "ns-team", "Owner").WithRole("alice", "ns-team", "Owner");
        AdmissionRequest Marked(string labels) => Create("user.sealos.io/operationrequests", $$"""{"metadata":{"labels":{{labels}}},{{Spec}}}""") with { Namespace = "user-system" };

        Assert.NotNull(await AskAsync(new OperationrequestRule(), Marked("{}"), world));
        Assert.NotNull(await AskAsync(new OperationrequestRule(), Marked("""{"user.sealos.io/requester":"alice"}"""), world));
        Assert.NotNull(await AskAsync(new DeleteRequestRule(), Create("user.sealos.io/deleterequests", """{"spec":{"user":"team"}}""") with { Namespace = "" }, world));
        Assert.Empty(new RequesterMark().Patch(Marked("{}") with { Caller = Controller }));
        world.Requests = 100;
        Assert.Contains("wait a while", await AskAsync(new OperationrequestRule(), Marked("""{"user.sealos.io/requester":"mallory"}"""), world), StringComparison.Ordinal);
    }

    private static AdmissionRequest Users(string json, string name) => Create("user.sealos.io/users", json, name) with { Namespace = "" };

    private static AdmissionRequest Request(string workspace, string user, string role, string action) =>
        Create("user.sealos.io/operationrequests", $$$"""{"metadata":{"labels":{"user.sealos.io/requester":"mallory"}},"spec":{"namespace":"{{{workspace}}}","user":"{{{user}}}","role":"{{{role}}}","action":"{{{action}}}"}}""") with { Namespace = "user-system" };
}
