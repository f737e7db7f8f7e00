using Sealos.ApiServer.Authorization;
using Xunit;

namespace Sealos.ApiServer.Tests.Authorization;

public class AuthorizationAttributesTests
{
    [Fact]
    public void Forbidden_InANamespace_IsWordedAsKubernetesDoes()
    {
        var refusal = new AuthorizationAttributes(RbacFixture.Alice, "list") { Resource = "pods", Namespace = "g1" }.Forbidden();
        Assert.Equal((403, "Forbidden"), (refusal.Code, refusal.Reason));
        Assert.Equal("pods is forbidden: User \"alice\" cannot list resource \"pods\" in API group \"\" in the namespace \"g1\"", refusal.Message);
        Assert.Equal((null, "", "pods"), (refusal.Name, refusal.Group, refusal.Kind));
    }

    [Fact]
    public void Forbidden_NamedInTheCluster_NamesIt()
    {
        var refusal = new AuthorizationAttributes(RbacFixture.Alice, "get") { Resource = "nodes", Name = "n1" }.Forbidden();
        Assert.Equal("nodes \"n1\" is forbidden: User \"alice\" cannot get resource \"nodes\" in API group \"\" at the cluster scope", refusal.Message);
    }

    [Fact]
    public void Forbidden_Subresource_StandsInTheText()
    {
        var refusal = new AuthorizationAttributes(RbacFixture.Alice, "get") { Group = "apps", Resource = "deployments", Subresource = "scale", Name = "x", Namespace = "g1" }.Forbidden("because");
        Assert.Equal("deployments.apps \"x\" is forbidden: User \"alice\" cannot get resource \"deployments/scale\" in API group \"apps\" in the namespace \"g1\": because", refusal.Message);
        Assert.Equal(("x", "apps", "deployments"), (refusal.Name, refusal.Group, refusal.Kind));
    }

    [Fact]
    public void Forbidden_Path_NamesThePath()
    {
        var refusal = new AuthorizationAttributes(RbacFixture.Alice, "get") { Path = "/metrics" }.Forbidden();
        Assert.Equal("forbidden: User \"alice\" cannot get path \"/metrics\"", refusal.Message);
        Assert.Null(refusal.Kind);
    }

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("a\n\u0001ü", "\"a\\n\\x01ü\"")]
    public void Quote_AsGoDoes(string text, string expected) => Assert.Equal(expected, GoText.Quote(text));
}
