using Sealos.ApiServer.Authorization;
using Xunit;

namespace Sealos.ApiServer.Tests.Authorization;

public class PolicyRuleTests
{
    [Theory]
    [InlineData("get", "", "pods", "get", "pods", true)]
    [InlineData("get", "", "pods", "list", "pods", false)]
    [InlineData("*", "", "pods", "list", "pods", true)]
    [InlineData("get", "", "pods", "get", "pods.metrics.k8s.io", false)]
    [InlineData("get", "*", "pods", "get", "pods.metrics.k8s.io", true)]
    [InlineData("get", "apps", "*", "get", "pods", false)]
    [InlineData("get", "", "pods", "get", "pods/log", false)]
    [InlineData("get", "", "pods/log", "get", "pods", false)]
    [InlineData("get", "", "pods/log", "get", "pods/log", true)]
    [InlineData("get", "", "*", "get", "pods/log", true)]
    [InlineData("get", "apps", "*/scale", "get", "deployments.apps/scale", true)]
    [InlineData("get", "apps", "*/scale", "get", "deployments.apps", false)]
    [InlineData("get", "apps", "*/scale", "get", "deployments.apps/rescale", false)]
    [InlineData("get", "apps", "deployments/*", "get", "deployments.apps/scale", false)]
    [InlineData("get,list", "apps,", "x,pods", "list", "pods", true)]
    public void Allows_VerbGroupResource_AsKubernetesMatches(string verbs, string groups, string resources, string verb, string resource, bool expected)
    {
        var fixture = new RbacFixture().Granting(RbacFixture.Rule(verbs, groups, resources));
        Assert.Equal(expected, fixture.May(RbacFixture.Alice, verb, resource, "ns"));
    }

    [Theory]
    [InlineData("get", "a", true)]
    [InlineData("get", "b", true)]
    [InlineData("get", "c", false)]
    [InlineData("create", null, false)]
    [InlineData("list", null, false)]
    [InlineData("list", "a", true)] // list with fieldSelector metadata.name=a
    [InlineData("deletecollection", null, false)]
    public void Allows_ResourceNames_OnlyThoseNames(string verb, string? name, bool expected)
    {
        var fixture = new RbacFixture().Granting(RbacFixture.Rule("*", "", "configmaps", "a,b"));
        Assert.Equal(expected, fixture.May(RbacFixture.Alice, verb, "configmaps", "ns", name));
    }

    [Theory]
    [InlineData("/healthz", "/healthz", true)]
    [InlineData("/healthz", "/healthz/", false)]
    [InlineData("/healthz/*", "/healthz/etcd", true)]
    [InlineData("/healthz/*", "/healthz", false)]
    [InlineData("/healthz*", "/healthzz", true)]
    [InlineData("*", "/metrics", true)]
    [InlineData("/*/x", "/a/x", false)]
    public void Allows_Paths_ExactOrByPrefix(string url, string path, bool expected)
    {
        var fixture = new RbacFixture().Granting(RbacFixture.Urls("get", url));
        Assert.Equal(expected, fixture.MayGet(RbacFixture.Alice, path));
        Assert.False(fixture.May(RbacFixture.Alice, "get", "pods"));
    }

    [Fact]
    public void ToString_AllParts_AreInKubernetesOrder()
    {
        var rule = new PolicyRule { Verbs = ["get", "list"], ApiGroups = [""], Resources = ["pods"], ResourceNames = ["a\"b"], NonResourceUrls = ["/x"] };
        Assert.Equal("""{APIGroups:[""], Resources:["pods"], NonResourceURLs:["/x"], ResourceNames:["a\"b"], Verbs:["get" "list"]}""", rule.ToString());
    }
}
