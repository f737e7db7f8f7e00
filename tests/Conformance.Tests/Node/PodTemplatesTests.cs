using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>Templates of pods, which nobody acts on, and leases, by which nodes say that they live.</summary>
public sealed class PodTemplatesTests(CloudFixture fixture) : PodStory(fixture)
{
    private string Templates => $"{Core}/podtemplates";

    [Fact]
    [Upstream("[sig-node] PodTemplates should run the lifecycle of PodTemplates [Conformance]")]
    [Upstream("[sig-node] PodTemplates should replace a pod template [Conformance]")]
    [Upstream("[sig-node] PodTemplates should delete a collection of pod templates [Conformance]")]
    public async Task Template_IsCreatedPatchedReplaced_AndDeletedAloneOrWithOthers()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            (await Api.PostAsync(Templates, $$$"""{"metadata":{"name":"{{{name}}}","labels":{"story":"{{{Namespace}}}"}},"template":{"spec":{"containers":[{"name":"c","image":"i"}]} } }""")).Expect(201);
        }

        Assert.Equal(3, (await Api.GetAsync($"/api/v1/podtemplates?labelSelector=story={Namespace}")).Json["items"]!.AsArray().Count);
        (await Api.PatchAsync($"{Templates}/a", """{"metadata":{"labels":{"podtemplate":"patched"}}}""", "application/strategic-merge-patch+json")).Expect(200);
        var read = await Api.GetAsync($"{Templates}/a");
        Assert.Equal(("patched", "Always"), (read.At("metadata.labels.podtemplate"), read.At("template.spec.restartPolicy")));
        var changed = read.Json;
        changed["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { ["updated"] = "true" };
        Assert.Equal("true", (await Api.PutAsync($"{Templates}/a", changed.ToJsonString())).Expect(200).At("metadata.annotations.updated"));

        (await Api.DeleteAsync($"{Templates}/a")).Expect(200);
        await GoneAsync($"{Templates}/a");
        (await Api.DeleteAsync($"{Templates}?labelSelector=story={Namespace}")).Expect(200);
        Assert.Empty((await Api.GetAsync(Templates)).Json["items"]!.AsArray());
    }

    [Fact]
    [Upstream("[sig-node] Lease lease API should be available [Conformance]")]
    public async Task Lease_KeepsWhatItsHolderWrites()
    {
        var leases = $"/apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases";
        string Spec(string holder, int transitions) => $$$"""{"holderIdentity":"{{{holder}}}","leaseDurationSeconds":30,"acquireTime":"2020-01-02T03:04:05.000006Z","renewTime":"2020-01-02T03:04:15.000006Z","leaseTransitions":{{{transitions}}}}""";
        (await Api.PostAsync(leases, $$$"""{"metadata":{"name":"a"},"spec":{{{Spec("one", 0)}}}}""")).Expect(201);
        var read = (await Api.GetAsync($"{leases}/a")).Expect(200);
        Assert.Equal(Spec("one", 0), read.At("spec"));

        var changed = read.Json;
        changed["spec"] = System.Text.Json.Nodes.JsonNode.Parse(Spec("two", 1));
        (await Api.PutAsync($"{leases}/a", changed.ToJsonString())).Expect(200);
        Assert.Equal(Spec("two", 1), (await Api.GetAsync($"{leases}/a")).At("spec"));
        (await Api.PatchAsync($"{leases}/a", $$$"""{"spec":{{{Spec("three", 2)}}}}""", "application/strategic-merge-patch+json")).Expect(200);
        Assert.Equal(Spec("three", 2), (await Api.GetAsync($"{leases}/a")).At("spec"));

        (await Api.PostAsync(leases, $$$"""{"metadata":{"name":"b","labels":{"many":"true"}},"spec":{{{Spec("one", 0)}}}}""")).Expect(201);
        Assert.Equal(2, (await Api.GetAsync(leases)).Json["items"]!.AsArray().Count);
        (await Api.DeleteAsync($"{leases}?labelSelector=many=true")).Expect(200);
        (await Api.DeleteAsync($"{leases}/a")).Expect(200);
        Assert.Empty((await Api.GetAsync(leases)).Json["items"]!.AsArray());

        // The node's own lease is renewed by its agent.
        Assert.Equal("node-1", (await Api.GetAsync("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1")).At("spec.holderIdentity"));
    }
}
