using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission;

public sealed class LimitRangerTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;
    private string _root = "";

    [Fact]
    public async Task Container_ThatSaysNothing_GetsTheDefaults()
    {
        await MakeAsync("""{"type":"Container","default":{"cpu":"300m"},"defaultRequest":{"cpu":"200m"}}""");
        var pod = (await PostAsync("""{"name":"c","image":"i"}""")).Expect(201);
        Assert.Equal("""{"limits":{"cpu":"300m"},"requests":{"cpu":"200m"}}""", pod.Json["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
        Assert.Equal("LimitRanger plugin set: cpu request for container c; cpu limit for container c", pod.Json["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]!.GetValue<string>());
        Assert.Equal("Burstable", pod.At("status.qosClass"));
    }

    [Fact]
    public async Task Range_IsCompleted_AndUpsertedByPut()
    {
        var ns = await _admin.NewNamespaceAsync();
        var range = (await _admin.PutAsync($"/api/v1/namespaces/{ns}/limitranges/l", """{"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"1Mi"}}]}}""")).Expect(201);
        Assert.Equal("""{"cpu":"2"}""", range.Json["spec"]!["limits"]![0]!["default"]!.ToJsonString());
        Assert.Equal("""{"cpu":"2","memory":"1Mi"}""", range.Json["spec"]!["limits"]![0]!["defaultRequest"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":"Container","max":{"cpu":"1"}}""", """{"limits":{"cpu":"2"}}""", "maximum cpu usage per Container is 1, but limit is 2")]
    [InlineData("""{"type":"Container","min":{"cpu":"500m"}}""", """{"requests":{"cpu":"100m"}}""", "minimum cpu usage per Container is 500m, but request is 100m")]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}""", """{"requests":{"cpu":"100m"},"limits":{"cpu":"300m"}}""", "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000")]
    [InlineData("""{"type":"Pod","max":{"memory":"1Gi"}}""", """{}""", "maximum memory usage per Pod is 1Gi.  No limit is specified")]
    [InlineData("""{"type":"Pod","min":{"memory":"1Gi"},"max":{"cpu":"1"}}""", """{"requests":{"memory":"1Mi"},"limits":{"cpu":"2","memory":"1Mi"}}""", "[minimum memory usage per Pod is 1Gi, but request is 1Mi, maximum cpu usage per Pod is 1, but limit is 2]")]
    public async Task Pod_BeyondTheLimits_IsRefusedInKubernetesWords(string limit, string resources, string why)
    {
        await MakeAsync(limit);
        var refused = await PostAsync($$"""{"name":"c","image":"i","resources":{{resources}} }""");
        Assert.Equal(403, refused.Code);
        Assert.Equal($"pods \"a\" is forbidden: {why}", refused.Message);
    }

    [Theory]
    [InlineData("""{"type":"Container","min":{"cpu":"2"},"max":{"cpu":"1"}}""", "spec.limits[0].min[cpu]", "min value 2 is greater than max value 1")]
    [InlineData("""{"type":"Pod","default":{"cpu":"1"}}""", "spec.limits[0].default", "may not be specified when `type` is 'Pod'")]
    [InlineData("""{"type":"PersistentVolumeClaim"}""", "spec.limits[0].limits", "either minimum or maximum storage value is required, but neither was provided")]
    [InlineData("""{"type":"Nothing","max":{"cpu":"1"}}""", "spec.limits[0].type", "must be a standard limit type or fully qualified")]
    public async Task Range_ThatContradictsItself_IsRefused(string limit, string field, string why)
    {
        var refused = await _admin.PostAsync($"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/limitranges", $$"""{"metadata":{"name":"l"},"spec":{"limits":[{{limit}}]} }""");
        Assert.Equal(422, refused.Code);
        Assert.Contains(refused.Json["details"]!["causes"]!.AsArray(), c => (string?)c!["field"] == field && ((string)c["message"]!).EndsWith(why, StringComparison.Ordinal));
    }

    private async Task MakeAsync(string limit)
    {
        _root = $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}";
        (await _admin.PostAsync($"{_root}/limitranges", $$"""{"metadata":{"name":"l"},"spec":{"limits":[{{limit}}]} }""")).Expect(201);
    }

    private Task<ApiAnswer> PostAsync(string container) => _admin.PostAsync($"{_root}/pods", $$"""{"metadata":{"name":"a"},"spec":{"containers":[{{container}}]} }""");
}
