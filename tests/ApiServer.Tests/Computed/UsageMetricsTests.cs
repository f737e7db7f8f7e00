using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Computed;

public sealed class UsageMetricsTests(ApiServerFixture server) : IAsyncLifetime
{
    private readonly ApiClient _admin = server.Admin;
    private FakeKubelet _kubelet = null!;
    private string _ns = "";
    private string _node = "";

    public async ValueTask InitializeAsync()
    {
        _kubelet = await FakeKubelet.StartAsync(server.Certificates);
        _ns = await _admin.NewNamespaceAsync();
        _node = "used-" + _ns;
        (await _admin.PostAsync("/api/v1/nodes", Samples.Node(_node))).Expect(201);
        (await _admin.PatchAsync($"/api/v1/nodes/{_node}/status", Samples.Node(_node, _kubelet.Port))).Expect(200);
        var pod = (await _admin.PostAsync($"/api/v1/namespaces/{_ns}/pods", """{"metadata":{"name":"p","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"x"}]}}""")).Expect(201);
        const string Used = """
            "cpu":{"time":"2026-03-01T12:00:00Z","usageNanoCores":1500000,"usageCoreNanoSeconds":1},"memory":{"time":"2026-03-01T12:00:00Z","workingSetBytes":2097152}
            """;
        _kubelet.Summary = $$$"""
            {"node":{"nodeName":"{{{_node}}}",{{{Used}}}},
             "pods":[{"podRef":{"name":"p","namespace":"{{{_ns}}}","uid":"{{{pod.At("metadata.uid")}}}"},"containers":[{"name":"c",{{{Used}}}}]},
                     {"podRef":{"name":"gone","namespace":"{{{_ns}}}","uid":"x"},"containers":[{"name":"c",{{{Used}}}}]}]}
            """;
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DeleteAsync($"/api/v1/nodes/{_node}");
        await _kubelet.DisposeAsync();
    }

    [Fact]
    public async Task Usage_OfNodesAndPods_IsWhatTheirNodeSays()
    {
        var node = (await _admin.GetAsync($"/apis/metrics.k8s.io/v1beta1/nodes/{_node}")).Expect(200);
        Assert.Equal("""{"cpu":"1500000n","memory":"2048Ki"}""", node.Json["usage"]!.ToJsonString());
        Assert.Equal(("NodeMetrics", "metrics.k8s.io/v1beta1", "10s", "2026-03-01T12:00:00Z"), (node.At("kind"), node.At("apiVersion"), node.At("window"), node.At("timestamp")));

        var pods = (await _admin.GetAsync($"/apis/metrics.k8s.io/v1beta1/namespaces/{_ns}/pods?labelSelector=app%3Dweb")).Expect(200);
        Assert.Equal(("PodMetricsList", "p", "c", "2048Ki"), (pods.At("kind"), pods.At("items.0.metadata.name"), pods.At("items.0.containers.0.name"), pods.At("items.0.containers.0.usage.memory")));
        Assert.Single(pods.Json["items"]!.AsArray());
        Assert.Empty((await _admin.GetAsync($"/apis/metrics.k8s.io/v1beta1/namespaces/{_ns}/pods?labelSelector=app%3Dother")).Expect(200).Json["items"]!.AsArray());
        Assert.Equal(404, (await _admin.GetAsync($"/apis/metrics.k8s.io/v1beta1/namespaces/{_ns}/pods/gone")).Code);
        Assert.Equal(1, _kubelet.Asked);
        Assert.Equal(405, (await _admin.PostAsync($"/apis/metrics.k8s.io/v1beta1/namespaces/{_ns}/pods", "{}")).Code);
    }

    [Fact]
    public async Task ComponentStatuses_AreComputedAndSaidToBeOld()
    {
        var list = (await _admin.GetAsync("/api/v1/componentstatuses")).Expect(200);

        Assert.Equal(("ComponentStatusList", "etcd-0", "True"), (list.At("kind"), list.At("items.0.metadata.name"), list.At("items.0.conditions.0.status")));
        Assert.Contains("v1 ComponentStatus is deprecated in v1.19+", list.Warnings.Single(), StringComparison.Ordinal);
        var table = (await _admin.GetAsync("/api/v1/componentstatuses", "application/json;as=Table;v=v1;g=meta.k8s.io")).Expect(200);
        Assert.Equal("""["etcd-0","Healthy","ok",""]""", table.Json["rows"]![0]!["cells"]!.ToJsonString());
    }
}
