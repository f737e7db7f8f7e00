using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Subresources;

/// <summary>Binding, eviction, status.</summary>
public sealed class PodSubresourceTests(ApiServerFixture server)
{
    private const string ToNode = """{"target":{"kind":"Node","name":"n1"}}""";
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Binding_PutsThePodOnTheNodeOnce()
    {
        var pod = await NewPodAsync();
        var bound = (await _admin.PostAsync(pod + "/binding", ToNode)).Expect(201);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}""", bound.Text);
        var now = await _admin.GetAsync(pod);
        Assert.Equal("n1", now.At("spec.nodeName"));
        Assert.Equal("PodScheduled", now.At("status.conditions.0.type"));
        Assert.Equal("True", now.At("status.conditions.0.status"));

        var again = await _admin.PostAsync(pod + "/binding", ToNode);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"n1\"","reason":"Conflict","details":{"name":"p","kind":"pods/binding"},"code":409}""", again.Text);
    }

    [Fact]
    public async Task BindingsCollection_BindsToo()
    {
        var pod = await NewPodAsync();
        var ns = pod.Split('/')[4];
        (await _admin.PostAsync($"/api/v1/namespaces/{ns}/bindings", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n2"}}""")).Expect(201);
        Assert.Equal("n2", (await _admin.GetAsync(pod)).At("spec.nodeName"));
    }

    [Fact]
    public async Task Eviction_DeletesWithGrace()
    {
        var pod = await NewPodAsync();
        await _admin.PostAsync(pod + "/binding", ToNode);
        await _admin.PatchAsync(pod + "/status", """{"status":{"phase":"Running"}}""");
        var evicted = await _admin.PostAsync(pod + "/eviction", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}""");
        Assert.Equal("Success", evicted.Expect(201).At("status"));
        var now = await _admin.GetAsync(pod);
        Assert.Equal("30", now.At("metadata.deletionGracePeriodSeconds"));
        Assert.Equal("DisruptionTarget", now.At("status.conditions.1.type"));
        Assert.Equal("EvictionByEvictionAPI", now.At("status.conditions.1.reason"));
    }

    [Fact]
    public async Task Status_KeepsTheQualityOfService()
    {
        var pod = await NewPodAsync();
        var patched = (await _admin.PutAsync(pod + "/status", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"other","image":"x"}]},"status":{"phase":"Running","podIP":"10.0.0.1"}}""")).Expect(200);
        Assert.Equal("BestEffort", patched.At("status.qosClass"));
        Assert.Equal("c", patched.At("spec.containers.0.name"));
        var found = await _admin.GetAsync($"{pod[..pod.LastIndexOf('/')]}?fieldSelector=status.phase%3DRunning,status.podIP%3D10.0.0.1");
        Assert.Single(found.Json["items"]!.AsArray());
    }

    private async Task<string> NewPodAsync()
    {
        var ns = await _admin.NewNamespaceAsync();
        (await _admin.PostAsync($"/api/v1/namespaces/{ns}/pods", Samples.Pod("p"))).Expect(201);
        return $"/api/v1/namespaces/{ns}/pods/p";
    }
}
