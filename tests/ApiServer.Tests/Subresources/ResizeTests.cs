using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Subresources;

public sealed class ResizeTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;
    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private string _namespace = "";

    [Fact]
    public async Task Resize_ProcessorAndMemory_IsProposed_AndNothingElseCounts()
    {
        var pod = await PodAsync();

        var resized = (await ResizeAsync(pod, """{"requests":{"cpu":"200m"},"limits":{"memory":"128Mi"}}""", ""","image":"other" """)).Expect(200);

        Assert.Equal(("200m", "64Mi", "128Mi", "nginx:1", "Proposed"), (At(resized, "requests", "cpu"), At(resized, "requests", "memory"), At(resized, "limits", "memory"), resized.At("spec.containers.0.image"), resized.At("status.resize")));
        Assert.Equal("200m", At((await _admin.GetAsync(pod + "/resize")).Expect(200), "requests", "cpu"));
        var whole = (await _admin.GetAsync(pod)).Expect(200).Json;
        whole["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"] = "300m";
        Assert.Equal(422, (await _admin.PutAsync(pod, whole.ToJsonString())).Code);
        Assert.Equal("300m", At((await _admin.PutAsync(pod + "/resize", whole.ToJsonString())).Expect(200), "requests", "cpu"));
        Assert.Equal(409, (await _admin.PutAsync(pod + "/resize", whole.ToJsonString())).Code);
    }

    [Fact]
    public async Task Resize_ToTheSame_ProposesNothing() =>
        Assert.Null((await ResizeAsync(await PodAsync(), """{"requests":{"cpu":"0.1"}}""")).Expect(200).At("status.resize"));

    [Theory]
    [InlineData("""{"limits":{"cpu":"100m","memory":"64Mi"}}""", "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing")]
    [InlineData("""{"requests":{"cpu":null}}""", "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed")]
    [InlineData("""{"limits":null}""", "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed")]
    [InlineData("""{"requests":{"ephemeral-storage":"1Gi"}}""", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("""{"requests":{"memory":"1Gi"}}""", "spec.containers[0].resources.requests: Invalid value: \"1Gi\": must be less than or equal to memory limit of 96Mi")]
    public async Task Resize_OfWhatMayNotChange_IsRefused(string resources, string why)
    {
        var pod = await PodAsync();

        var refused = await ResizeAsync(pod, resources);

        Assert.Equal(422, refused.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Null((await _admin.GetAsync(pod)).At("status.resize"));
    }

    [Fact]
    public async Task Resize_OnANodeThatTellsNothing_IsRefused()
    {
        var pod = await PodAsync();
        (await _admin.PatchAsync(pod + "/status", """{"status":{"containerStatuses":[{"name":"c","image":"i","imageID":"i","ready":true,"restartCount":0,"state":{"running":{}}}]}}""", ApiClient.StrategicPatch)).Expect(200);

        Assert.Contains("Pod running on node without support for resize", (await ResizeAsync(pod, """{"requests":{"cpu":"200m"}}""")).Expect(422).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resize_BeyondQuotaOrLimits_IsRefused()
    {
        var pod = await PodAsync();
        (await _admin.PostAsync($"/api/v1/namespaces/{_namespace}/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"requests.cpu":"500m"}}}""")).Expect(201);
        Assert.Contains("exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=100m, limited: requests.cpu=500m", (await ResizeAsync(pod, """{"requests":{"cpu":"600m"}}""")).Expect(403).Message, StringComparison.Ordinal);
        (await ResizeAsync(pod, """{"requests":{"cpu":"400m"}}""")).Expect(200);

        (await _admin.PostAsync($"/api/v1/namespaces/{_namespace}/limitranges", """{"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"memory":"100Mi"}}]}}""")).Expect(201);
        Assert.Contains("maximum memory usage per Container is 100Mi, but limit is 200Mi", (await ResizeAsync(pod, """{"limits":{"memory":"200Mi"}}""")).Expect(403).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Never", """[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]""", "must be 'NotRequired' when `restartPolicy` is 'Never'")]
    [InlineData("Always", """[{"resourceName":"cpu","restartPolicy":"NotRequired"},{"resourceName":"cpu","restartPolicy":"NotRequired"}]""", "spec.containers[0].resizePolicy[1]: Duplicate value: \"cpu\"")]
    [InlineData("Always", """[{"resourceName":"gpu","restartPolicy":"NotRequired"}]""", "supported values: \"cpu\", \"memory\"")]
    public async Task Policy_ThatMakesNoSense_IsRefused(string restart, string policy, string why)
    {
        var refused = await _admin.PostAsync($"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/pods", $$"""{"metadata":{"name":"p"},"spec":{"restartPolicy":"{{restart}}","containers":[{"name":"c","image":"i","resizePolicy":{{policy}} }]} }""");

        Assert.Contains(why, refused.Expect(422).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resize_OwnsWhatItCanChange_AndNothingElse()
    {
        var pod = await PodAsync();

        await _admin.PatchAsync(pod + "/resize?fieldManager=sizer", """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"other","resources":{"requests":{"cpu":"200m"}}}]}}""", ApiClient.StrategicPatch);
        const string Applied = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"other","resources":{"requests":{"memory":"70Mi"}}}]}}""";
        (await _admin.PatchAsync(pod + "/resize?fieldManager=applier&force=true", Applied, "application/apply-patch+yaml")).Expect(200);

        var owners = (await _admin.GetAsync(pod)).Json["metadata"]!["managedFields"]!.AsArray().Where(e => (string?)e!["subresource"] == "resize").ToDictionary(e => (string)e!["manager"]!, e => e!["fieldsV1"]!.ToJsonString(Plain));
        Assert.Equal("""{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{"f:resources":{"f:requests":{"f:cpu":{}}}}}}}""", owners["sizer"]);
        Assert.Equal("""{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:resources":{"f:requests":{"f:memory":{}}}}}}}""", owners["applier"]);
    }

    private Task<ApiAnswer> ResizeAsync(string pod, string resources, string more = "") =>
        _admin.PatchAsync(pod + "/resize", $$"""{"spec":{"containers":[{"name":"c","resources":{{resources}}{{more}}}]} }""", ApiClient.StrategicPatch);

    private static string? At(ApiAnswer pod, string list, string name) => (string?)pod.Json["spec"]!["containers"]![0]!["resources"]![list]![name];

    private async Task<string> PodAsync()
    {
        _namespace = await _admin.NewNamespaceAsync();
        var pods = $"/api/v1/namespaces/{_namespace}/pods";
        (await _admin.PostAsync(pods, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"nginx:1","resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"memory":"96Mi"}}}]}}""")).Expect(201);
        return pods + "/p";
    }
}
