using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Authorization;
using Xunit;
using static Sealos.ApiServer.Tests.Authorization.RbacFixture;

namespace Sealos.ApiServer.Tests.Authorization;

public class BootstrapRbacTests
{
    private static readonly UserInfo Node = User("system:node:one", "system:nodes", "system:authenticated");

    private readonly RbacFixture _fixture = new();

    public BootstrapRbacTests()
    {
        foreach (var item in BootstrapRbac.Objects)
        {
            _fixture.Index.Set(item.Kind, item.Json);
        }
    }

    private static JsonNode Find(RbacKind kind, string name) => JsonNode.Parse(BootstrapRbac.Objects.Single(o => o.Kind == kind && o.Name == name).Json.Span)!;

    [Fact]
    public void Objects_AreKubernetesOwnAndOurs()
    {
        var counts = BootstrapRbac.Objects.GroupBy(o => o.Kind).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(68, counts[RbacKind.ClusterRole]);
        Assert.Equal(46, counts[RbacKind.ClusterRoleBinding]);
        Assert.Equal(7, counts[RbacKind.Role]);
        Assert.Equal(7, counts[RbacKind.RoleBinding]);
        Assert.Equal(BootstrapRbac.Objects.Count, BootstrapRbac.Objects.Select(o => (o.Kind, o.Namespace, o.Name)).Distinct().Count());
        Assert.Equal(["kube-public", "kube-system"], BootstrapRbac.Objects.Select(o => o.Namespace).OfType<string>().Distinct().Order());
    }

    [Fact]
    public void Objects_Role_IsReadyToBeCreated() => Assert.Equal(
        """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"extension-apiserver-authentication-reader","labels":{"kubernetes.io/bootstrapping":"rbac-defaults"},"annotations":{"rbac.authorization.kubernetes.io/autoupdate":"true"},"namespace":"kube-system"},"rules":[{"verbs":["get","list","watch"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["extension-apiserver-authentication"]}]}""",
        Find(RbacKind.Role, "extension-apiserver-authentication-reader").ToJsonString());

    [Fact]
    public void Objects_Binding_IsReadyToBeCreated()
    {
        var binding = Find(RbacKind.RoleBinding, "system::extension-apiserver-authentication-reader");
        Assert.Equal("""{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"extension-apiserver-authentication-reader"}""", binding["roleRef"]!.ToJsonString());
        Assert.Equal(
            """[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"system:kube-controller-manager"},{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"system:kube-scheduler"}]""",
            binding["subjects"]!.ToJsonString());
    }

    [Fact]
    public void Objects_EveryBinding_NamesARoleThatIsThere()
    {
        Assert.All(BootstrapRbac.Objects.Where(o => o.Kind is RbacKind.RoleBinding or RbacKind.ClusterRoleBinding), o =>
            Assert.NotNull(_fixture.Index.Snapshot.RulesOf(RbacJson.ReadBinding(o.Json))));
    }

    [Fact]
    public void Objects_AggregatedRoles_ShowWhatTheyCollect()
    {
        var rules = Find(RbacKind.ClusterRole, "admin")["rules"]!.AsArray();
        Assert.True(rules.Count > 20);
        Assert.Equal(rules.Count, _fixture.Index.Snapshot.ClusterRules("admin")!.Count);
    }

    [Theory]
    [InlineData("view", "get", "pods", true)]
    [InlineData("view", "get", "pods/log", true)]
    [InlineData("view", "get", "secrets", false)]
    [InlineData("view", "create", "pods", false)]
    [InlineData("edit", "get", "secrets", true)]
    [InlineData("edit", "create", "pods/exec", true)]
    [InlineData("edit", "update", "deployments.apps/scale", true)]
    [InlineData("edit", "get", "deployments.apps", true)]
    [InlineData("edit", "update", "endpoints", false)]
    [InlineData("edit", "create", "rolebindings.rbac.authorization.k8s.io", false)]
    [InlineData("admin", "create", "rolebindings.rbac.authorization.k8s.io", true)]
    [InlineData("admin", "create", "ingresses.networking.k8s.io", true)]
    [InlineData("admin", "update", "resourcequotas", false)]
    [InlineData("admin", "delete", "namespaces", false)]
    [InlineData("cluster-admin", "delete", "anything.of.any", true)]
    public void Objects_UserRoles_AllowWhatTheyAreFor(string role, string verb, string resource, bool expected)
    {
        _fixture.With(RbacKind.RoleBinding, Binding("ns", "b", "ClusterRole", role, Subject("User", "alice")));
        Assert.Equal(expected, _fixture.May(Alice, verb, resource, "ns"));
        Assert.False(_fixture.May(Alice, verb, resource, "other"));
    }

    [Fact]
    public void Objects_Anonymous_SeesHealthAndVersionOnly()
    {
        Assert.All((string[])["/healthz", "/livez", "/readyz", "/version"], path => Assert.True(_fixture.MayGet(UserInfo.Anonymous, path)));
        Assert.False(_fixture.MayGet(UserInfo.Anonymous, "/apis"));
        Assert.False(_fixture.MayGet(UserInfo.Anonymous, "/metrics"));
        Assert.False(_fixture.May(UserInfo.Anonymous, "create", "selfsubjectaccessreviews.authorization.k8s.io"));
    }

    [Fact]
    public void Objects_Authenticated_MayDiscoverAndAskAboutThemselves()
    {
        Assert.All((string[])["/api", "/api/v1", "/apis", "/apis/apps/v1", "/openapi/v3/api/v1"], path => Assert.True(_fixture.MayGet(Alice, path)));
        Assert.False(_fixture.MayGet(Alice, "/metrics"));
        Assert.True(_fixture.May(Alice, "create", "selfsubjectaccessreviews.authorization.k8s.io"));
        Assert.True(_fixture.May(Alice, "create", "selfsubjectreviews.authentication.k8s.io"));
        Assert.False(_fixture.May(Alice, "create", "subjectaccessreviews.authorization.k8s.io"));
    }

    [Fact]
    public void Objects_Node_HasNoRightsByRole() =>
        Assert.All((string[])["get", "list", "create"], verb => Assert.False(_fixture.May(Node, verb, "pods", "ns")));

    [Fact]
    public void Objects_ControllersAccounts_HaveTheirRoles()
    {
        Assert.True(_fixture.May(Robot("kube-system", "deployment-controller"), "create", "replicasets.apps", "ns"));
        Assert.False(_fixture.May(Robot("kube-system", "deployment-controller"), "get", "secrets", "ns"));
        Assert.True(_fixture.May(User("system:kube-scheduler"), "create", "pods/binding", "ns"));
        Assert.True(_fixture.MayGet(Robot("ns", "any") with { Groups = ["system:serviceaccounts"] }, "/openid/v1/jwks"));
    }
}
