using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Admission;

public sealed class RuntimeClassTests(ApiServerFixture server)
{
    private const string Classes = "/apis/node.k8s.io/v1/runtimeclasses";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Pod_GetsWhatItsClassCosts_AndWhereItRuns()
    {
        await _admin.PutAsync($"{Classes}/costly", """{"metadata":{"name":"costly"},"handler":"runsc","overhead":{"podFixed":{"cpu":"100m"}},"scheduling":{"nodeSelector":{"sandbox":"yes"},"tolerations":[{"key":"sandbox","operator":"Exists"}]}}""");
        var path = await PathAsync();
        var pod = (await _admin.PostAsync(path, Samples.Pod("a", "\"runtimeClassName\":\"costly\","))).Expect(201);
        Assert.Equal("""{"cpu":"100m"}""", pod.Json["spec"]!["overhead"]!.ToJsonString());
        Assert.Equal("yes", pod.At("spec.nodeSelector.sandbox"));
        Assert.Contains(pod.Json["spec"]!["tolerations"]!.AsArray(), t => (string?)t!["key"] == "sandbox");

        Assert.Equal(
            "pods \"b\" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no",
            (await _admin.PostAsync(path, Samples.Pod("b", "\"runtimeClassName\":\"costly\",\"nodeSelector\":{\"sandbox\":\"no\"},"))).Expect(403).Message);
        Assert.Equal(
            "pods \"b\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
            (await _admin.PostAsync(path, Samples.Pod("b", "\"runtimeClassName\":\"costly\",\"overhead\":{\"cpu\":\"1\"},"))).Expect(403).Message);
    }

    [Theory]
    [InlineData("\"runtimeClassName\":\"none\",", "pod rejected: RuntimeClass \"none\" not found")]
    [InlineData("\"overhead\":{\"cpu\":\"1\"},", "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")]
    public async Task Pod_WithoutAClassThatIs_IsRefused(string spec, string why) =>
        Assert.Equal($"pods \"a\" is forbidden: {why}", (await _admin.PostAsync(await PathAsync(), Samples.Pod("a", spec))).Expect(403).Message);

    [Fact]
    public async Task Handler_MustBeANameAndStaysAsItIs()
    {
        Assert.Equal("RuntimeClass.node.k8s.io \"r\" is invalid: handler: Required value", (await _admin.PostAsync(Classes, """{"metadata":{"name":"r"},"handler":""}""")).Expect(422).Message);
        var made = (await _admin.PostAsync(Classes, """{"metadata":{"name":"fixed"},"handler":"a"}""")).Expect(201);
        var changed = (JsonObject)made.Json.DeepClone();
        changed["handler"] = "b";
        Assert.Contains("handler: Invalid value: \"b\": field is immutable", (await _admin.PutAsync($"{Classes}/fixed", changed.ToJsonString())).Expect(422).Message!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewNode_TakesNoPodsBeforeItIsKnownToBeReady()
    {
        var node = (await _admin.PostAsync("/api/v1/nodes", Samples.Node("new-node"))).Expect(201);
        Assert.Equal("""[{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}]""", node.Json["spec"]!["taints"]!.ToJsonString());
        (await _admin.PatchAsync("/api/v1/nodes/new-node", """{"spec":{"taints":null}}""")).Expect(200);
        Assert.Null((await _admin.GetAsync("/api/v1/nodes/new-node")).At("spec.taints"));
        await _admin.DeleteAsync("/api/v1/nodes/new-node");
    }

    private async Task<string> PathAsync() => $"/api/v1/namespaces/{await _admin.NewNamespaceAsync()}/pods";
}
