using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Authorization;
using Xunit;
using static Sealos.ApiServer.Tests.Authorization.RbacFixture;

namespace Sealos.ApiServer.Tests.Authorization;

public class RbacAuthorizerTests
{
    private static readonly string ReadPods = Rule("get,list", "", "pods");

    [Fact]
    public void Authorize_NothingBound_IsDeniedWithoutReason() => Assert.Equal(new AuthorizationDecision(false, ""), new RbacFixture().Ask(Alice, "get", "pods", "ns"));

    [Fact]
    public void Authorize_Masters_MayDoEverything()
    {
        Assert.Equal(new AuthorizationDecision(true, ""), new RbacFixture().Ask(User("x", "system:masters"), "x", "y.z", "ns"));
        Assert.True(new RbacFixture().MayGet(User("x", "system:masters"), "/metrics"));
    }

    [Fact]
    public void Authorize_ByClusterRoleBinding_HoldsEverywhereAndSaysWhy()
    {
        var fixture = new RbacFixture().With(RbacKind.ClusterRole, Role(null, "reader", ReadPods))
            .With(RbacKind.ClusterRoleBinding, Binding(null, "readers", "ClusterRole", "reader", Subject("Group", "devs")));

        Assert.Equal("RBAC: allowed by ClusterRoleBinding \"readers\" of ClusterRole \"reader\" to Group \"devs\"", fixture.Ask(Alice, "get", "pods", "ns").Reason);
        Assert.True(fixture.May(Alice, "list", "pods"));
        Assert.False(fixture.May(User("bob", "dev"), "list", "pods"));
    }

    [Fact]
    public void Authorize_ByRoleBinding_HoldsInItsNamespaceOnly()
    {
        var fixture = new RbacFixture().With(RbacKind.Role, Role("ns", "reader", ReadPods)).With(RbacKind.ClusterRole, Role(null, "wide", Rule("get", "", "secrets") + "," + Urls("get", "/x")))
            .With(RbacKind.RoleBinding, Binding("ns", "readers", "Role", "reader", Subject("User", "alice")))
            .With(RbacKind.RoleBinding, Binding("ns", "wide", "ClusterRole", "wide", Subject("User", "alice")));

        Assert.Equal("RBAC: allowed by RoleBinding \"readers/ns\" of Role \"reader\" to User \"alice\"", fixture.Ask(Alice, "get", "pods", "ns").Reason);
        Assert.Equal("RBAC: allowed by RoleBinding \"wide/ns\" of ClusterRole \"wide\" to User \"alice\"", fixture.Ask(Alice, "get", "secrets", "ns").Reason);
        Assert.False(fixture.May(Alice, "get", "pods", "other"));
        Assert.False(fixture.May(Alice, "get", "pods"));
        Assert.False(fixture.MayGet(Alice, "/x"));
    }

    [Fact]
    public void Authorize_NamespaceItself_CanBeGrantedInside()
    {
        var fixture = new RbacFixture().With(RbacKind.Role, Role("ns", "r", Rule("get", "", "namespaces")))
            .With(RbacKind.RoleBinding, Binding("ns", "b", "Role", "r", Subject("User", "alice")));
        Assert.True(fixture.May(Alice, "get", "namespaces", "ns", "ns"));
        Assert.False(fixture.May(Alice, "get", "namespaces", "other", "other"));
    }

    [Fact]
    public void Authorize_ServiceAccountSubject_IsFoundByItsUserName()
    {
        var fixture = new RbacFixture().With(RbacKind.Role, Role("ns", "r", ReadPods))
            .With(RbacKind.RoleBinding, Binding("ns", "b", "Role", "r", Subject("ServiceAccount", "robot", "t1") + "," + Subject("ServiceAccount", "local")));

        Assert.Equal("RBAC: allowed by RoleBinding \"b/ns\" of Role \"r\" to ServiceAccount \"robot/t1\"", fixture.Ask(Robot("t1", "robot"), "get", "pods", "ns").Reason);
        Assert.Equal("RBAC: allowed by RoleBinding \"b/ns\" of Role \"r\" to ServiceAccount \"local/ns\"", fixture.Ask(Robot("ns", "local"), "get", "pods", "ns").Reason);
        Assert.False(fixture.May(Robot("t2", "robot"), "get", "pods", "ns"));
    }

    [Fact]
    public void Authorize_GroupAndUserOfOneName_AreNotConfused()
    {
        var fixture = new RbacFixture().With(RbacKind.ClusterRole, Role(null, "r", ReadPods))
            .With(RbacKind.ClusterRoleBinding, Binding(null, "b", "ClusterRole", "r", Subject("Group", "alice")));
        Assert.False(fixture.May(Alice, "get", "pods"));
        Assert.True(fixture.May(User("x", "alice"), "get", "pods"));
    }

    [Fact]
    public void Authorize_RoleMissing_IsSkippedAndTold()
    {
        var fixture = new RbacFixture().Granting(ReadPods)
            .With(RbacKind.ClusterRoleBinding, Binding(null, "a", "ClusterRole", "gone", Subject("User", "alice")))
            .With(RbacKind.RoleBinding, Binding("ns", "a", "Role", "lost", Subject("User", "alice")));
        Assert.True(fixture.May(Alice, "get", "pods", "ns"));
        Assert.Equal(
            "RBAC: [clusterrole.rbac.authorization.k8s.io \"gone\" not found, role.rbac.authorization.k8s.io \"lost\" not found]",
            fixture.Ask(Alice, "delete", "pods", "ns").Reason);
    }

    [Fact]
    public void Authorize_AggregatedRole_FollowsTheRolesItCollects()
    {
        const string Aggregation = """
            "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"edit"}},{"matchExpressions":[{"key":"extra","operator":"Exists"}]}]},
            """;
        var fixture = new RbacFixture()
            .With(RbacKind.ClusterRole, Role(null, "edit", Rule("*", "", "secrets"), "\"to\":\"admin\"", Aggregation))
            .With(RbacKind.ClusterRole, Role(null, "admin", "", more: Aggregation.Replace("edit", "admin", StringComparison.Ordinal)))
            .With(RbacKind.ClusterRoleBinding, Binding(null, "b", "ClusterRole", "admin", Subject("User", "alice")));
        Assert.False(fixture.May(Alice, "get", "secrets"));
        Assert.False(fixture.May(Alice, "get", "pods"));

        fixture.With(RbacKind.ClusterRole, Role(null, "pods", ReadPods, "\"to\":\"edit\"")).With(RbacKind.ClusterRole, Role(null, "maps", Rule("get", "", "configmaps"), "\"extra\":\"\""));
        Assert.True(fixture.May(Alice, "get", "pods"));
        Assert.True(fixture.May(Alice, "get", "configmaps"));

        fixture.Index.Remove(RbacKind.ClusterRole, null, "pods");
        Assert.False(fixture.May(Alice, "get", "pods"));
    }

    [Fact]
    public void Authorize_ChangesOfRolesAndBindings_CountAtOnce()
    {
        var fixture = new RbacFixture().Granting(ReadPods);
        Assert.True(fixture.May(Alice, "get", "pods"));

        fixture.With(RbacKind.ClusterRoleBinding, Binding(null, "b", "ClusterRole", "r", Subject("User", "bob")));
        Assert.False(fixture.May(Alice, "get", "pods"));
        Assert.True(fixture.May(User("bob"), "get", "pods"));

        fixture.With(RbacKind.ClusterRole, Role(null, "r", Rule("delete", "", "pods")));
        Assert.False(fixture.May(User("bob"), "get", "pods"));
        Assert.True(fixture.May(User("bob"), "delete", "pods"));

        fixture.Index.Remove(RbacKind.ClusterRoleBinding, "", "b");
        fixture.Index.Remove(RbacKind.ClusterRoleBinding, null, "never");
        Assert.False(fixture.May(User("bob"), "delete", "pods"));
    }

    [Fact]
    public void Authorize_ManyBindingsOfOthers_DoNotSlowIt()
    {
        var fixture = new RbacFixture().Granting(ReadPods).With(RbacKind.ClusterRole, Role(null, "edit", Rule("*", "apps", "*")));
        for (var i = 0; i < 5000; i++)
        {
            fixture.With(RbacKind.RoleBinding, Binding($"ns-{i}", "owner", "ClusterRole", "edit", Subject("User", $"user-{i}")));
        }

        Assert.True(fixture.May(User("user-4999"), "update", "deployments.apps", "ns-4999"));
        Assert.False(fixture.May(User("user-4999"), "update", "deployments.apps", "ns-4998"));
        Assert.Single(fixture.Index.Snapshot.BindingsOf("ns-7", new SubjectKey(false, "user-7")));
        Assert.Empty(fixture.Index.Snapshot.BindingsOf(null, new SubjectKey(false, "user-7")));
    }

    [Fact]
    public void RulesFor_NamespaceAndCluster_AreListedOnce()
    {
        var fixture = new RbacFixture().Granting(ReadPods + "," + Urls("get", "/x")).With(RbacKind.Role, Role("ns", "r", ReadPods + "," + Rule("get", "", "secrets")))
            .With(RbacKind.RoleBinding, Binding("ns", "b", "Role", "r", Subject("Group", "devs")));

        var listing = fixture.Authorizer.RulesFor(Alice, "ns");

        Assert.Equal(["pods", "secrets"], listing.ResourceRules.Select(r => Assert.Single(r.Resources)));
        Assert.Equal(["/x"], Assert.Single(listing.NonResourceRules).NonResourceUrls);
        Assert.Equal("{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}", fixture.Authorizer.RulesFor(User("x", UserInfo.MastersGroup), "ns").ResourceRules[0].ToString());
    }

    [Fact]
    public async Task Authorize_WhileOthersChangeIt_SeesWholeSnapshots()
    {
        var fixture = new RbacFixture().Granting(ReadPods);
        using var stop = new CancellationTokenSource();
        var changing = Task.Run(
            () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                fixture.With(RbacKind.RoleBinding, Binding("ns", $"b{i % 20}", "ClusterRole", "r", Subject("User", "alice")));
                fixture.Index.Remove(RbacKind.RoleBinding, "ns", $"b{(i + 7) % 20}");
            }
        },
            CancellationToken.None);
        for (var i = 0; i < 20_000; i++)
        {
            Assert.True(fixture.May(Alice, "get", "pods", "ns"));
        }

        await stop.CancelAsync();
        await changing;
    }
}
