using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Strategies;

public sealed class ServiceStrategyTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task ClusterIp_IsGivenAndFreedAgain()
    {
        var path = await PathAsync();
        var service = (await _admin.PostAsync(path, Service("a", ""))).Expect(201);
        var address = service.At("spec.clusterIP")!;
        Assert.StartsWith("10.96.", address, StringComparison.Ordinal);
        Assert.Equal($"[\"{address}\"]", service.Json["spec"]!["clusterIPs"]!.ToJsonString());
        Assert.Equal("SingleStack", service.At("spec.ipFamilyPolicy"));

        var taken = await _admin.PostAsync(path, Service("b", $"\"clusterIP\":\"{address}\","));
        Assert.Equal($"Service \"b\" is invalid: spec.clusterIPs: Invalid value: []string{{\"{address}\"}}: failed to allocate IP {address}: provided IP is already allocated", taken.Message);
        (await _admin.DeleteAsync(path + "/a")).Expect(200);
        (await _admin.PostAsync(path, Service("b", $"\"clusterIP\":\"{address}\","))).Expect(201);
    }

    [Fact]
    public async Task ClusterIpOutsideTheRange_IsRefused()
    {
        var answer = await _admin.PostAsync(await PathAsync(), Service("c1", "\"clusterIP\":\"10.99.0.1\","));
        Assert.Equal("""Service "c1" is invalid: spec.clusterIPs: Invalid value: []string{"10.99.0.1"}: failed to allocate IP 10.99.0.1: the provided IP (10.99.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16""", answer.Message);
    }

    [Theory]
    [InlineData("\"clusterIP\":\"10.96.0.10\",")]
    [InlineData("\"clusterIPs\":[\"10.96.0.10\"],")]
    public async Task AddressOfDns_IsRefused_AlsoUnderItsNameElsewhere(string address)
    {
        var answer = await _admin.PostAsync(await PathAsync(), Service("kube-dns", address));
        Assert.Equal("""Service "kube-dns" is invalid: spec.clusterIPs: Invalid value: []string{"10.96.0.10"}: failed to allocate IP 10.96.0.10: provided IP is already allocated""", answer.Message);
    }

    [Fact]
    public async Task AddressOfDns_StaysReserved_WhenItsServiceGoes()
    {
        const string System = "/api/v1/namespaces/kube-system/services";
        const string Address = "\"clusterIP\":\"10.96.0.10\",";
        for (var i = 0; i < 2; i++)
        {
            (await _admin.PostAsync(System, Service("kube-dns", Address))).Expect(201);
            (await _admin.DeleteAsync(System + "/kube-dns")).Expect(200);
            Assert.Equal(422, (await _admin.PostAsync(await PathAsync(), Service("b", Address))).Code);
            Assert.Equal(422, (await _admin.PostAsync(System, Service("b", Address))).Code);
        }
    }

    [Fact]
    public async Task NodePortOutsideTheRange_IsRefused()
    {
        var answer = await _admin.PostAsync(await PathAsync(), """{"metadata":{"name":"c2"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}}""");
        Assert.Equal("""Service "c2" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767""", answer.Message);
    }

    [Fact]
    public async Task RefusedService_GivesBackWhatItTook()
    {
        var path = await PathAsync();
        var answer = await _admin.PostAsync(path, """{"metadata":{"name":"x"},"spec":{"type":"NodePort","clusterIP":"10.96.7.7","ports":[{"port":80,"nodePort":31999},{"name":"b","port":81,"nodePort":1}]}}""");
        Assert.Equal(422, answer.Code);
        (await _admin.PostAsync(path, """{"metadata":{"name":"x"},"spec":{"type":"NodePort","clusterIP":"10.96.7.7","ports":[{"port":80,"nodePort":31999}]}}""")).Expect(201);
    }

    [Fact]
    public async Task Update_KeepsAddressAndNodePort()
    {
        var path = await PathAsync();
        var created = (await _admin.PostAsync(path, Service("a", "\"type\":\"NodePort\","))).Expect(201);
        var updated = (await _admin.PutAsync(path + "/a", Service("a", "\"type\":\"NodePort\",\"selector\":{\"x\":\"y\"},"))).Expect(200);
        Assert.Equal(created.At("spec.clusterIP"), updated.At("spec.clusterIP"));
        Assert.Equal(created.At("spec.ports.0.nodePort"), updated.At("spec.ports.0.nodePort"));

        var plain = (await _admin.PatchAsync(path + "/a", """{"spec":{"type":"ClusterIP"}}""")).Expect(200);
        Assert.Null(plain.At("spec.ports.0.nodePort"));
        (await _admin.PostAsync(path, $$$"""{"metadata":{"name":"b"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":{{{created.At("spec.ports.0.nodePort")}}} }]}}""")).Expect(201);
    }

    [Fact]
    public async Task Headless_HasNoAddress()
    {
        var created = (await _admin.PostAsync(await PathAsync(), Service("a", "\"clusterIP\":\"None\","))).Expect(201);
        Assert.Equal("None", created.At("spec.clusterIP"));
        Assert.Equal("""["None"]""", created.Json["spec"]!["clusterIPs"]!.ToJsonString());
    }

    [Fact]
    public async Task ExternalName_HasNeitherAddressNorFamilies()
    {
        var path = await PathAsync();
        var created = (await _admin.PostAsync(path, """{"metadata":{"name":"e"},"spec":{"type":"ExternalName","externalName":"example.com"}}""")).Expect(201);
        Assert.Null(created.At("spec.clusterIP"));
        Assert.Null(created.At("spec.ipFamilies"));
        var changed = (await _admin.PutAsync(path + "/e", Service("e", ""))).Expect(200);
        Assert.StartsWith("10.96.", changed.At("spec.clusterIP"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task IPv6_IsRefusedByName()
    {
        var answer = await _admin.PostAsync(await PathAsync(), Service("v6", "\"ipFamilies\":[\"IPv6\"],"));
        Assert.Equal(422, answer.Code);
        Assert.Contains("""spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster""", answer.Message, StringComparison.Ordinal);
    }

    private static string Service(string name, string more) =>
        """{"metadata":{"name":"NAME"},"spec":{MORE"ports":[{"port":80}]}}""".Replace("NAME", name, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal);

    private async Task<string> PathAsync() => $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/services";
}
