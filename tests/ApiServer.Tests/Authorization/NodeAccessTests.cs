using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Authorization;

/// <summary>What a node may, told by what the server answers it. Each test has a node of its own.</summary>
public sealed class NodeAccessTests(ApiServerFixture server) : IAsyncLifetime
{
    private readonly string _node = "n-" + Guid.NewGuid().ToString("N")[..8];
    private readonly ApiClient _admin = server.Admin;
    private ApiClient _kubelet = null!;
    private string _ns = "";

    private string Core => $"/api/v1/namespaces/{_ns}";

    private string Leases => "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

    public async ValueTask InitializeAsync()
    {
        _kubelet = server.ClientFor("system:node:" + _node, "system:nodes");
        _ns = await _admin.NewNamespaceAsync();
        (await _admin.PostAsync($"{Core}/serviceaccounts", """{"metadata":{"name":"app"} }""")).Expect(201);
        foreach (var name in new[] { "used", "other" })
        {
            (await _admin.PostAsync($"{Core}/secrets", $$"""{"metadata":{"name":"{{name}}"} }""")).Expect(201);
            (await _admin.PostAsync($"{Core}/configmaps", $$"""{"metadata":{"name":"{{name}}"} }""")).Expect(201);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DeleteAsync("/api/v1/nodes/" + _node);
        _kubelet.Dispose();
    }

    [Fact]
    public async Task Objects_AreReadable_WhileAPodOfTheNodeRefersToThem()
    {
        Assert.Equal($"secrets \"used\" is forbidden: User \"system:node:{_node}\" cannot get resource \"secrets\" in API group \"\" in the namespace \"{_ns}\": no relationship found between node '{_node}' and this object", (await _kubelet.GetAsync($"{Core}/secrets/used")).Expect(403).Message);
        Assert.Contains("no relationship", (await _kubelet.GetAsync($"{Core}/secrets/missing")).Expect(403).Message, StringComparison.Ordinal);
        await RunAsync("p");
        foreach (var kind in new[] { "secrets", "configmaps" })
        {
            (await _kubelet.GetAsync($"{Core}/{kind}/used")).Expect(200);
            (await _kubelet.GetAsync($"{Core}/{kind}?fieldSelector=metadata.name%3Dused")).Expect(200);
            (await _kubelet.GetAsync($"{Core}/{kind}/other")).Expect(403);
            (await _kubelet.GetAsync($"{Core}/{kind}")).Expect(403);
            (await _kubelet.GetAsync($"/api/v1/{kind}")).Expect(403);
            (await _kubelet.DeleteAsync($"{Core}/{kind}/used")).Expect(403);
        }

        (await _kubelet.GetAsync($"{Core}/pods/p")).Expect(200);
        (await _admin.DeleteAsync($"{Core}/pods/p", """{"gracePeriodSeconds":0}""")).Expect(200);
        (await _kubelet.GetAsync($"{Core}/secrets/used")).Expect(403);

        // The agent must learn that its pod is gone.
        (await _kubelet.GetAsync($"{Core}/pods/p")).Expect(404);
    }

    [Fact]
    public async Task WatchOfAll_ShowsWhatThePodsReferTo()
    {
        await RunAsync("p");
        var start = (await _kubelet.GetAsync($"/api/v1/pods?fieldSelector=spec.nodeName%3D{_node}")).Expect(200).At("metadata.resourceVersion");
        foreach (var name in new[] { "other", "used" })
        {
            (await _admin.PatchAsync($"{Core}/configmaps/{name}", """{"data":{"a":"b"} }""")).Expect(200);
        }

        Assert.Equal([$"MODIFIED used"], await _kubelet.CollectAsync($"/api/v1/configmaps?watch=1&resourceVersion={start}", 1));
        Assert.Equal(["ADDED used"], await _kubelet.CollectAsync("/api/v1/secrets?watch=1", 1));
    }

    [Fact]
    public async Task Pods_AreThoseOfTheNode()
    {
        await RunAsync("mine");
        (await _admin.PostAsync($"{Core}/pods", Samples.Pod("theirs", "\"nodeName\":\"elsewhere\","))).Expect(201);
        (await _kubelet.GetAsync($"{Core}/pods/mine")).Expect(200);
        (await _kubelet.GetAsync($"{Core}/pods/theirs")).Expect(403);
        Assert.Contains("can only list/watch pods with spec.nodeName field selector", (await _kubelet.GetAsync("/api/v1/pods")).Expect(403).Message, StringComparison.Ordinal);

        (await _kubelet.PatchAsync($"{Core}/pods/mine/status", """{"status":{"phase":"Running"} }""")).Expect(200);
        Assert.EndsWith($"node \"{_node}\" can only update pod status for pods with spec.nodeName set to itself", (await _kubelet.PatchAsync($"{Core}/pods/theirs/status", """{"status":{"phase":"Running"} }""")).Expect(403).Message, StringComparison.Ordinal);
        Assert.EndsWith($"node \"{_node}\" cannot update labels through pod status", (await _kubelet.PatchAsync($"{Core}/pods/mine/status", """{"metadata":{"labels":{"a":"b"} } }""")).Expect(403).Message, StringComparison.Ordinal);
        (await _kubelet.PatchAsync($"{Core}/pods/mine", """{"metadata":{"labels":{"a":"b"} } }""")).Expect(403);
        Assert.EndsWith("can only delete pods with spec.nodeName set to itself", (await _kubelet.DeleteAsync($"{Core}/pods/theirs")).Expect(403).Message, StringComparison.Ordinal);
        Assert.EndsWith("can only evict pods with spec.nodeName set to itself", (await _kubelet.PostAsync($"{Core}/pods/theirs/eviction", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"theirs"} }""")).Expect(403).Message, StringComparison.Ordinal);
        (await _kubelet.DeleteAsync($"{Core}/pods/mine", """{"gracePeriodSeconds":0}""")).Expect(200);
    }

    [Fact]
    public async Task Node_WritesItself_ButNoTrust()
    {
        var nodes = "/api/v1/nodes";
        Assert.EndsWith($"node \"{_node}\" is not allowed to modify node \"other\"", (await _kubelet.PostAsync(nodes, Samples.Node("other"))).Expect(403).Message, StringComparison.Ordinal);
        Assert.EndsWith(
            $"node \"{_node}\" is not allowed to set the following labels: node-restriction.kubernetes.io/y, node-role.kubernetes.io/x",
            (await _kubelet.PostAsync(nodes, $$"""{"metadata":{"name":"{{_node}}","labels":{"node-role.kubernetes.io/x":"","node-restriction.kubernetes.io/y":"","node.kubernetes.io/z":"","own":""} } }""")).Expect(403).Message,
            StringComparison.Ordinal);
        (await _kubelet.PostAsync(nodes, Samples.Node(_node))).Expect(201);
        (await _kubelet.GetAsync($"{nodes}/{_node}")).Expect(200);
        Assert.Contains($"node '{_node}' cannot read all nodes, only its own Node object", (await _kubelet.GetAsync(nodes)).Expect(403).Message, StringComparison.Ordinal);
        Assert.Contains($"node '{_node}' cannot read 'other', only its own Node object", (await _kubelet.GetAsync($"{nodes}/other")).Expect(403).Message, StringComparison.Ordinal);
        (await _kubelet.PatchAsync($"{nodes}/{_node}/status", """{"status":{"capacity":{"cpu":"1"} } }""")).Expect(200);
        (await _kubelet.PatchAsync($"{nodes}/{_node}", """{"metadata":{"labels":{"kubernetes.io/hostname":"h"} } }""")).Expect(200);
        Assert.EndsWith("is not allowed to modify labels: k8s.io/a", (await _kubelet.PatchAsync($"{nodes}/{_node}", """{"metadata":{"labels":{"k8s.io/a":"h"} } }""")).Expect(403).Message, StringComparison.Ordinal);
        Assert.EndsWith("is not allowed to modify taints", (await _kubelet.PatchAsync($"{nodes}/{_node}", """{"spec":{"taints":[{"key":"a","effect":"NoSchedule"}]} }""")).Expect(403).Message, StringComparison.Ordinal);
        (await _kubelet.DeleteAsync($"{nodes}/{_node}")).Expect(403);
    }

    [Fact]
    public async Task Tokens_AreForPodsOfTheNode()
    {
        var pod = await RunAsync("p");
        var path = $"{Core}/serviceaccounts/app/token";
        Assert.EndsWith("node requested token not bound to a pod", (await _kubelet.PostAsync(path, "{}")).Expect(403).Message, StringComparison.Ordinal);
        (await _kubelet.PostAsync(path, Bound("p", pod.At("metadata.uid")!))).Expect(201);
        Assert.EndsWith("node requested token with a pod binding without a uid", (await _kubelet.PostAsync(path, Bound("p", ""))).Expect(403).Message, StringComparison.Ordinal);
        (await _kubelet.PostAsync($"{Core}/serviceaccounts/default/token", "{}")).Expect(403);

        static string Bound(string name, string uid) => $$"""{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"{{name}}","uid":"{{uid}}"} } }""";
    }

    [Fact]
    public async Task Lease_IsTheNodesOwn()
    {
        Assert.EndsWith("can only access node lease with the same name as the requesting node", (await _kubelet.PostAsync(Leases, """{"metadata":{"name":"other"} }""")).Expect(403).Message, StringComparison.Ordinal);
        (await _kubelet.PostAsync(Leases, $$"""{"metadata":{"name":"{{_node}}"} }""")).Expect(201);
        (await _kubelet.GetAsync($"{Leases}/{_node}")).Expect(200);
        (await _kubelet.GetAsync($"{Leases}/other")).Expect(403);
        (await _kubelet.GetAsync(Leases)).Expect(403);
        (await _kubelet.DeleteAsync($"{Leases}/{_node}")).Expect(200);
    }

    [Fact]
    public async Task MirrorPod_IsAllANodeCreates()
    {
        var uid = (await _kubelet.PostAsync("/api/v1/nodes", Samples.Node(_node))).Expect(201).At("metadata.uid")!;
        Assert.Contains("can only create mirror pods", (await _kubelet.PostAsync($"{Core}/pods", Samples.Pod("p", $"\"nodeName\":\"{_node}\","))).Expect(403).Message, StringComparison.Ordinal);
        Assert.EndsWith("can not create pods that reference secrets", (await _kubelet.PostAsync($"{Core}/pods", Mirror("p", "\"imagePullSecrets\":[{\"name\":\"used\"}],"))).Expect(403).Message, StringComparison.Ordinal);
        (await _kubelet.PostAsync($"{Core}/pods", Mirror("p", ""))).Expect(201);
        (await _kubelet.GetAsync($"{Core}/secrets/used")).Expect(403);

        string Mirror(string name, string spec) => Samples.Pod(name, $"{spec}\"nodeName\":\"{_node}\",").Replace(
            "\"metadata\":{",
            $$"""
            "metadata":{"annotations":{"kubernetes.io/config.mirror":"x"},"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"{{_node}}","uid":"{{uid}}","controller":true}],
            """,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rights_ThatNoRuleTells_MakeTheReviewIncomplete()
    {
        var review = (await _kubelet.PostAsync("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", $$"""{"spec":{"namespace":"{{_ns}}"} }""")).Expect(201);
        Assert.Equal("true", review.At("status.incomplete"));
        (await _kubelet.GetAsync("/api/v1/services")).Expect(200);
        (await _kubelet.PostAsync("/apis/apps/v1/namespaces/" + _ns + "/deployments", Samples.Deployment("d"))).Expect(403);
    }

    private async Task<ApiAnswer> RunAsync(string name) => (await _admin.PostAsync($"{Core}/pods", Samples.Pod(name, $$"""
        "nodeName":"{{_node}}","serviceAccountName":"app","automountServiceAccountToken":false,"imagePullSecrets":[{"name":"used"}],"volumes":[{"name":"v","configMap":{"name":"used"} }],
        """))).Expect(201);
}
