using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>A replica set keeps as many pods as it is told to.</summary>
public sealed class ReplicaSetTests(CloudFixture fixture) : WorkloadStory(fixture)
{
    private string Sets => $"{Apps}/replicasets";

    private string Web => $"{Sets}/web";

    [Fact]
    [Upstream("[sig-apps] ReplicaSet should serve a basic image on each replica with a public image [Conformance]")]
    [Upstream("[sig-apps] ReplicaSet Replicaset should have a working scale subresource [Conformance]")]
    public async Task Replicas_EachAnswer_AndFollowTheScale()
    {
        await CreateSetAsync("replicasets", "web", 1);
        await EachAnswersAsync(await PodsAsync("web", 1, IsReady));
        await StatusAsync(Web, ("replicas", "1"));

        await ScaleAsync(Web);

        await EachAnswersAsync(await PodsAsync("web", 3, IsReady));
        await StatusAsync(Web, ("replicas", "3"), ("readyReplicas", "3"), ("availableReplicas", "3"), ("fullyLabeledReplicas", "3"));
    }

    [Fact]
    [Upstream("[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods [Conformance]")]
    public async Task Orphan_IsAdopted_AndReleasedWhenItsLabelChanges()
    {
        await OrphanAsync("web");
        await CreateSetAsync("replicasets", "web", 1);
        var uid = await AdoptedAsync("web", Web);

        await PatchAsync(PathOf("orphan"), """{"metadata":{"labels":{"app":"other"}}}""");

        await UntilAtAsync(PathOf("orphan"), "is released", p => OwnerOf(p) is null);
        var next = Assert.Single(await PodsAsync("web", 1));
        Assert.Equal(uid, (string?)next["metadata"]!["ownerReferences"]![0]!["uid"]);
    }

    [Fact]
    [Upstream("[sig-apps] ReplicaSet Replace and Patch tests [Conformance]")]
    public async Task Set_IsReplacedAndPatched()
    {
        await CreateSetAsync("replicasets", "web", 1);
        await PodsAsync("web", 1, IsReady);

        await UpdateAsync(Web, set => set["spec"]!["replicas"] = 2);
        await StatusAsync(Web, ("replicas", "2"), ("availableReplicas", "2"));

        var patched = (await Api.PatchAsync(Web, $$"""
            {"metadata":{"labels":{"by":"patch"} },
             "spec":{"replicas":3,"template":{"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}","env":[{"name":"A","value":"b"}]}]} } } }
            """, ApiClient.StrategicPatch)).Expect(200);
        Assert.Equal(("patch", "1"), (patched.At("metadata.labels.by"), patched.At("spec.template.spec.terminationGracePeriodSeconds")));
        await StatusAsync(Web, ("replicas", "3"), ("availableReplicas", "3"));
        Assert.Single(await PodsAsync("web"), p => p["spec"]!["containers"]![0]!["env"] is not null);
    }

    [Fact]
    [Upstream("[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets [Conformance]")]
    [Upstream("[sig-apps] ReplicaSet should validate Replicaset Status endpoints [Conformance]")]
    public async Task Collection_IsListedEverywhereAndDeletedHere_AndStatusHasItsOwnPath()
    {
        await CreateSetAsync("replicasets", "web", 1);
        await StatusAsync(Web, ("readyReplicas", "1"));

        await StatusIsWrittenAsync(Web);

        Assert.Single(await ListAsync("/apis/apps/v1/replicasets", $"story={Namespace}"));
        (await Api.DeleteAsync($"{Sets}?labelSelector=story%3D{Namespace}", """{"propagationPolicy":"Background"}""")).Expect(200);
        await Eventually.TrueAsync("none is left", async () => (await ListAsync("/apis/apps/v1/replicasets", $"story={Namespace}")).Count == 0, ct: Ct);
        await Eventually.TrueAsync("its pods are gone", async () => (await PodsAsync("web")).Count == 0, ct: Ct);
    }
}
