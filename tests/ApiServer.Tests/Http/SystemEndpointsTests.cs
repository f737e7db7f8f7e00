using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Http;

public sealed class SystemEndpointsTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Theory]
    [InlineData("/readyz")]
    [InlineData("/livez")]
    [InlineData("/healthz")]
    [InlineData("/readyz/ping")]
    public async Task Health_IsOk(string path) => Assert.Equal("ok", (await _admin.GetAsync(path)).Expect(200).Text);

    [Fact]
    public async Task VerboseReadiness_ListsChecks() =>
        Assert.Equal("[+]ping ok\n[+]store ok\n[+]bootstrap ok\n[+]shutdown ok\nreadyz check passed\n", (await _admin.GetAsync("/readyz?verbose")).Text);

    [Fact]
    public async Task UnknownCheck_IsNotFound() => Assert.Equal(404, (await _admin.GetAsync("/readyz/nope")).Code);

    [Fact]
    public async Task Version_IsTheOneThisIsCompatibleWith() => Assert.Contains("\"gitVersion\": \"v1.32.0+sealos\"", (await _admin.GetAsync("/version")).Expect(200).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Metrics_CountRequests()
    {
        await _admin.GetAsync("/api/v1/namespaces/default/configmaps/never");
        await _admin.GetAsync("/api/v1/namespaces/default/not-a-resource/never");
        await _admin.PatchAsync("/api/v1/namespaces/default/configmaps/applied?fieldManager=m", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"applied"}}""", "application/apply-patch+yaml");
        await _admin.GetAsync("/api/v1/namespaces/default/services/none/proxy/");
        var text = (await _admin.GetAsync("/metrics")).Expect(200).Text;
        Assert.Contains("""apiserver_request_total{verb="GET",group="",resource="configmaps",code="404"}""", text, StringComparison.Ordinal);
        Assert.Contains("""apiserver_request_total{verb="APPLY",group="",resource="configmaps",code="201"}""", text, StringComparison.Ordinal);
        Assert.Contains("""apiserver_request_total{verb="CONNECT",group="",resource="services",""", text, StringComparison.Ordinal);
        Assert.DoesNotContain("not-a-resource", text, StringComparison.Ordinal);
        Assert.Contains("apiserver_store_revision ", text, StringComparison.Ordinal);
    }
}
