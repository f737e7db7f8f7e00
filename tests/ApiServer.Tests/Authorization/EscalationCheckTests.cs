using System.Text;
using Sealos.ApiServer.Authorization;
using Xunit;
using static Sealos.ApiServer.Tests.Authorization.RbacFixture;

namespace Sealos.ApiServer.Tests.Authorization;

public class EscalationCheckTests
{
    private static readonly string Everything = Rule("*", "*", "*") + "," + Urls("*", "*");

    private static Refusal? Check(RbacFixture fixture, RbacKind kind, byte[] json, byte[]? old = null) =>
        new EscalationCheck(fixture.Index, fixture.Authorizer).Check(Alice, kind, json, old);

    private static byte[] Text(byte[] json, string from, string to) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json).Replace(from, to, StringComparison.Ordinal));

    [Fact]
    public void Check_RoleBeyondOnesRights_IsForbiddenAsKubernetesSaysIt()
    {
        var refusal = Check(new RbacFixture(), RbacKind.Role, Role("g1", "esc", Rule("*", "*", "*")))!;
        Assert.Equal(403, refusal.Code);
        Assert.Equal(
            "roles.rbac.authorization.k8s.io \"esc\" is forbidden: user \"alice\" (groups=[\"devs\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}",
            refusal.Message);
        Assert.Equal(("esc", "rbac.authorization.k8s.io", "roles"), (refusal.Name, refusal.Group, refusal.Kind));
    }

    [Fact]
    public void Check_BindingBeyondOnesRights_IsForbiddenAsKubernetesSaysIt()
    {
        var fixture = new RbacFixture().With(RbacKind.ClusterRole, Role(null, "cluster-admin", Everything));
        var refusal = Check(fixture, RbacKind.RoleBinding, Binding("g1", "esc", "ClusterRole", "cluster-admin", Subject("User", "alice")))!;
        Assert.Equal(
            "rolebindings.rbac.authorization.k8s.io \"esc\" is forbidden: user \"alice\" (groups=[\"devs\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}",
            refusal.Message);
    }

    [Theory]
    [InlineData("get", "", "pods", null, true)]
    [InlineData("get,list", "", "pods,configmaps", null, true)]
    [InlineData("get", "", "configmaps", "one", true)]
    [InlineData("get", "", "secrets", "one", true)]
    [InlineData("get", "", "secrets", "one,two", false)]
    [InlineData("get", "", "secrets", null, false)]
    [InlineData("delete", "", "pods", null, false)]
    [InlineData("*", "", "pods", null, false)]
    [InlineData("get", "*", "pods", null, false)]
    [InlineData("get", "", "pods/log", null, false)]
    [InlineData("update", "apps", "deployments/scale", null, true)]
    [InlineData("update", "apps", "*/scale", null, true)]
    [InlineData("update", "apps", "*", null, false)]
    public void Check_Role_EveryPartMustBeHeld(string verbs, string groups, string resources, string? names, bool expected)
    {
        var fixture = new RbacFixture().Granting(Rule("get,list", "", "pods,configmaps") + "," + Rule("*", "", "secrets", "one") + "," + Rule("update", "apps", "*/scale"));
        Assert.Equal(expected, Check(fixture, RbacKind.ClusterRole, Role(null, "x", Rule(verbs, groups, resources, names))) is null);
    }

    [Fact]
    public void Check_RightsInTheNamespace_GrantThereOnly()
    {
        var fixture = new RbacFixture().With(RbacKind.Role, Role("ns", "r", Rule("*", "*", "*"))).With(RbacKind.RoleBinding, Binding("ns", "b", "Role", "r", Subject("User", "alice")));
        Assert.Null(Check(fixture, RbacKind.Role, Role("ns", "x", Rule("get", "", "pods"))));
        Assert.NotNull(Check(fixture, RbacKind.Role, Role("other", "x", Rule("get", "", "pods"))));
        Assert.NotNull(Check(fixture, RbacKind.ClusterRole, Role(null, "x", Rule("get", "", "pods"))));
    }

    [Fact]
    public void Check_EscalateOrBind_AllowsWhatOneDoesNotHold()
    {
        var rbac = "rbac.authorization.k8s.io";
        var fixture = new RbacFixture().Granting(Rule("escalate", rbac, "roles,clusterroles") + "," + Rule("bind", rbac, "clusterroles", "edit"))
            .With(RbacKind.ClusterRole, Role(null, "edit", Rule("*", "", "pods"))).With(RbacKind.ClusterRole, Role(null, "root", Everything));
        Assert.Null(Check(fixture, RbacKind.Role, Role("ns", "x", Everything)));
        Assert.Null(Check(fixture, RbacKind.RoleBinding, Binding("ns", "x", "ClusterRole", "edit", Subject("User", "bob"))));
        Assert.NotNull(Check(fixture, RbacKind.ClusterRoleBinding, Binding(null, "x", "ClusterRole", "root", Subject("User", "bob"))));
    }

    [Fact]
    public void Check_BindingToAMissingRole_IsNotFound()
    {
        var refusal = Check(new RbacFixture(), RbacKind.RoleBinding, Binding("ns", "x", "Role", "gone", Subject("User", "bob")))!;
        Assert.Equal((404, "NotFound", "roles.rbac.authorization.k8s.io \"gone\" not found"), (refusal.Code, refusal.Reason, refusal.Message));
    }

    [Fact]
    public void Check_Aggregation_NeedsEverything()
    {
        var aggregating = Role(null, "x", "", more: "\"aggregationRule\":{\"clusterRoleSelectors\":[{\"matchLabels\":{\"a\":\"b\"}}]},");
        var refusal = Check(new RbacFixture().Granting(Rule("get", "", "pods")), RbacKind.ClusterRole, aggregating)!;
        Assert.Equal("clusterroles.rbac.authorization.k8s.io \"x\" is forbidden: must have cluster-admin privileges to use the aggregationRule", refusal.Message);
        Assert.NotNull(Check(new RbacFixture(), RbacKind.ClusterRole, Role(null, "x", ""), aggregating));
        Assert.Null(Check(new RbacFixture().Granting(Everything), RbacKind.ClusterRole, aggregating));
    }

    [Fact]
    public void Check_Update_OnlyHousekeepingIsFree()
    {
        var old = Role("ns", "x", Everything);
        var unfinalized = Text(old, "\"labels\"", "\"resourceVersion\":\"7\",\"finalizers\":[\"a\"],\"labels\"");
        var relabelled = Role("ns", "x", Everything, "\"a\":\"b\"");
        Assert.Null(Check(new RbacFixture(), RbacKind.Role, unfinalized, old));
        Assert.NotNull(Check(new RbacFixture(), RbacKind.Role, relabelled, old));
    }

    [Fact]
    public void Check_Masters_MayGrantEverything()
    {
        var fixture = new RbacFixture();
        var check = new EscalationCheck(fixture.Index, fixture.Authorizer);
        Assert.Null(check.Check(User("root", "system:masters"), RbacKind.ClusterRole, Role(null, "x", Everything), default));
    }
}
