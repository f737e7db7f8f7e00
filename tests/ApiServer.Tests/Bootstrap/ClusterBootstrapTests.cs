using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Bootstrap;

public sealed class ClusterBootstrapTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    [InlineData("kube-public")]
    [InlineData("kube-node-lease")]
    public async Task SystemNamespace_IsThereWithItsContent(string name)
    {
        var ns = (await _admin.GetAsync($"/api/v1/namespaces/{name}")).Expect(200);
        Assert.Equal("Active", ns.At("status.phase"));
        Assert.Equal(name, ns.Json["metadata"]!["labels"]!["kubernetes.io/metadata.name"]!.GetValue<string>());
        (await _admin.GetAsync($"/api/v1/namespaces/{name}/serviceaccounts/default")).Expect(200);
        var certificates = (await _admin.GetAsync($"/api/v1/namespaces/{name}/configmaps/kube-root-ca.crt")).Expect(200);
        Assert.Equal(server.Certificates.Pem, certificates.Json["data"]!["ca.crt"]!.GetValue<string>());
    }

    [Fact]
    public async Task ApiServer_HasAService()
    {
        var service = (await _admin.GetAsync("/api/v1/namespaces/default/services/kubernetes")).Expect(200);
        Assert.Equal("10.96.0.1", service.At("spec.clusterIP"));
        Assert.Equal("443", service.At("spec.ports.0.port"));
        Assert.Equal("192.0.2.1", (await _admin.GetAsync("/api/v1/namespaces/default/endpoints/kubernetes")).Expect(200).At("subsets.0.addresses.0.ip"));
        var slice = (await _admin.GetAsync("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes")).Expect(200);
        Assert.Equal("192.0.2.1", slice.At("endpoints.0.addresses.0"));
        Assert.Equal(server.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), slice.At("ports.0.port"));
    }

    [Fact]
    public async Task DefaultRoles_AreThere()
    {
        Assert.Equal(200, (await _admin.GetAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin")).Code);
        Assert.Equal(200, (await _admin.GetAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:basic-user")).Code);
    }
}
