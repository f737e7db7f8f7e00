using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>What kept pods before replica sets did, and still does.</summary>
public sealed class ReplicationControllerTests(CloudFixture fixture) : WorkloadStory(fixture)
{
    private string Controllers => $"{Core}/replicationcontrollers";

    private string Web => $"{Controllers}/web";

    [Fact]
    [Upstream("[sig-apps] ReplicationController should serve a basic image on each replica with a public image [Conformance]")]
    [Upstream("[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]")]
    public async Task Replicas_EachAnswer_AndFollowTheScale()
    {
        await CreateAsync(1);
        await EachAnswersAsync(await PodsAsync("web", 1, IsReady));
        await StatusAsync(Web, ("replicas", "1"));

        await ScaleAsync(Web);

        await EachAnswersAsync(await PodsAsync("web", 3, IsReady));
    }

    [Fact]
    [Upstream("[sig-apps] ReplicationController should adopt matching pods on creation [Conformance]")]
    [Upstream("[sig-apps] ReplicationController should release no longer matching pods [Conformance]")]
    public async Task Orphan_IsAdopted_AndReleasedWhenItsLabelChanges()
    {
        await OrphanAsync("web");
        await CreateAsync(1);
        var uid = await AdoptedAsync("web", Web);

        await PatchAsync(PathOf("orphan"), """{"metadata":{"labels":{"app":"other"}}}""");

        await UntilAtAsync(PathOf("orphan"), "is released", p => OwnerOf(p) is null);
        Assert.Equal(uid, (string?)Assert.Single(await PodsAsync("web", 1))["metadata"]!["ownerReferences"]![0]!["uid"]);
    }

    [Fact]
    [Upstream("[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota [Conformance]")]
    public async Task Quota_Exceeded_ShowsInACondition_UntilItIsNot()
    {
        (await Api.PostAsync($"{Core}/resourcequotas", """{"metadata":{"name":"two"},"spec":{"hard":{"pods":"2"}}}""")).Expect(201);
        await UntilAtAsync($"{Core}/resourcequotas/two", "is counted", q => q.At("status.hard.pods") == "2");
        await CreateAsync(3);

        var failing = await UntilAtAsync(Web, "says that pods cannot be made", c => c.At("status.conditions.0.type") == "ReplicaFailure");
        Assert.Equal(("True", "FailedCreate"), (failing.At("status.conditions.0.status"), failing.At("status.conditions.0.reason")));
        Assert.Contains("exceeded quota: two, requested: pods=1, used: pods=2, limited: pods=2", failing.At("status.conditions.0.message"), StringComparison.Ordinal);

        await PatchAsync(Web, """{"spec":{"replicas":2}}""");
        await UntilAtAsync(Web, "says nothing any more", c => c.Json["status"]!["conditions"] is null or JsonArray { Count: 0 });
    }

    [Fact]
    [Upstream("[sig-apps] ReplicationController should test the lifecycle of a ReplicationController [Conformance]")]
    public async Task Controller_FromCreatedToDeleted_IsSeenByAWatch()
    {
        var before = (await ReadAsync(Controllers)).At("metadata.resourceVersion");
        await CreateAsync(1);
        await StatusAsync(Web, ("replicas", "1"), ("readyReplicas", "1"));

        Assert.Equal("patched", (await Api.PatchAsync(Web, """{"metadata":{"labels":{"by":"patched"}}}""", ApiClient.StrategicPatch)).Expect(200).At("metadata.labels.by"));
        var status = (await Api.PatchAsync($"{Web}/status", """{"status":{"readyReplicas":0,"availableReplicas":0}}""", ApiClient.StrategicPatch)).Expect(200);
        Assert.True(status.At("status.readyReplicas") is null or "0");
        Assert.Equal("1", (await ReadAsync($"{Web}/status")).At("status.replicas"));

        (await Api.PatchAsync($"{Web}/scale", """{"spec":{"replicas":2}}""", ApiClient.StrategicPatch)).Expect(200);
        Assert.Equal("patched", (await StatusAsync(Web, ("replicas", "2"), ("readyReplicas", "2"))).At("metadata.labels.by"));
        Assert.Equal("1", (await UpdateAsync($"{Web}/status", c => (c["status"]!["readyReplicas"], c["status"]!["availableReplicas"]) = (1, 1))).At("status.readyReplicas"));
        Assert.Single(await ListAsync("/api/v1/replicationcontrollers", $"by=patched,story={Namespace}"));

        (await Api.DeleteAsync($"{Controllers}?labelSelector=story%3D{Namespace}", """{"propagationPolicy":"Background"}""")).Expect(200);
        await GoneAsync(Web);
        var seen = (await ReadAsync($"{Controllers}?watch=true&timeoutSeconds=1&resourceVersion={before}")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var types = seen.Select(line => (string)JsonNode.Parse(line)!["type"]!).ToList();
        Assert.Equal(("ADDED", "DELETED"), (types[0], types[^1]));
        Assert.True(types.Count(t => t == "MODIFIED") >= 4, string.Join(' ', types));
    }

    private async Task CreateAsync(int replicas) => (await Api.PostAsync(Controllers, $$"""
        {"metadata":{"name":"web","labels":{"story":"{{Namespace}}"} },"spec":{"replicas":{{replicas}},"selector":{"app":"web"},"template":{{Template("web")}} } }
        """)).Expect(201);
}
