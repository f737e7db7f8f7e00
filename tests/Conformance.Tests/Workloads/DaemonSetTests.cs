using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>A daemon is on every node that it is for, and follows its template there and back.</summary>
public sealed class DaemonSetTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private const string Node = "/api/v1/nodes/node-1";
    private const string Ghost = "/api/v1/nodes/ghost";

    private string Sets => $"/apis/apps/v1/namespaces/{Namespace}/daemonsets";

    [Fact]
    [Upstream("[sig-apps] Daemon set [Serial] should run and stop simple daemon [Conformance]")]
    public async Task Daemon_Deleted_ComesBack()
    {
        await CreateAsync("d");
        var pod = await ReadyAsync("d");
        Assert.Equal("node-1", pod.At("spec.nodeName"));
        (await Api.DeleteAsync($"{Core}/pods/{pod.At("metadata.name")}", """{"gracePeriodSeconds":0}""")).Expect(200);
        Assert.NotEqual(pod.At("metadata.uid"), (await ReadyAsync("d", not: pod.At("metadata.uid"))).At("metadata.uid"));
    }

    [Fact]
    [Upstream("[sig-apps] Daemon set [Serial] should run and stop complex daemon [Conformance]")]
    public async Task Daemon_WithASelector_FollowsTheNodesLabels()
    {
        await CreateAsync("d", $$""","nodeSelector":{"color-{{Namespace}}":"blue"}""");
        await Eventually.TrueAsync("the set is looked at", async () => (await Api.GetAsync($"{Sets}/d")).At("status.observedGeneration") == "1", ct: Ct);
        Assert.Empty(await PodsAsync());

        await LabelAsync("\"blue\"");
        await ReadyAsync("d");
        await LabelAsync("\"green\"");
        await Eventually.TrueAsync("the daemon is gone", async () => (await PodsAsync()).Count == 0, TimeSpan.FromSeconds(60), Ct);

        (await Api.PatchAsync($"{Sets}/d", $$"""{"spec":{"template":{"spec":{"nodeSelector":{"color-{{Namespace}}":"green"} } },"updateStrategy":{"type":"RollingUpdate"} } }""")).Expect(200);
        await ReadyAsync("d");
        await LabelAsync("null");
    }

    [Fact]
    [Upstream("[sig-apps] Daemon set [Serial] should retry creating failed daemon pods [Conformance]")]
    public async Task Daemon_ThatFailed_IsMadeAgain()
    {
        await CreateAsync("d");
        var pod = await ReadyAsync("d");
        (await Api.PatchAsync($"{Core}/pods/{pod.At("metadata.name")}/status", """{"status":{"phase":"Failed"}}""")).Expect(200);
        await ReadyAsync("d", not: pod.At("metadata.uid"));
        await GoneAsync($"{Core}/pods/{pod.At("metadata.name")}");
    }

    [Fact]
    [Upstream("[sig-apps] Daemon set [Serial] should update pod when spec was updated and update strategy is RollingUpdate [Conformance]")]
    public async Task Template_Changed_ReplacesTheDaemonAndKeepsARevision()
    {
        await CreateAsync("d");
        var old = await ReadyAsync("d");
        (await Api.PatchAsync($"{Sets}/d", """{"spec":{"template":{"metadata":{"annotations":{"note":"new"}}}}}""")).Expect(200);
        var updated = await ReadyAsync("d", not: old.At("metadata.uid"));
        Assert.Equal("new", updated.At("metadata.annotations.note"));

        var set = await Api.GetAsync($"{Sets}/d");
        var revisions = (await Api.GetAsync($"/apis/apps/v1/namespaces/{Namespace}/controllerrevisions?labelSelector=app%3Dd")).Json["items"]!.AsArray();
        Assert.Equal([1, 2], revisions.Select(r => (int)r!["revision"]!).Order());
        var newest = revisions.Single(r => (int)r!["revision"]! == 2)!;
        Assert.Equal((string?)newest["metadata"]!["labels"]!["controller-revision-hash"], updated.At("metadata.labels.controller-revision-hash"));
        Assert.StartsWith("""{"spec":{"template":{"$patch":"replace","metadata":{"annotations":{"note":"new"},"creationTimestamp":null,""", newest["data"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("1", set.At("status.updatedNumberScheduled"));
    }

    [Fact]
    [Upstream("[sig-apps] Daemon set [Serial] should rollback without unnecessary restarts [Conformance]")]
    public async Task Rollback_LeavesDaemonsThatWereNeverUpdated()
    {
        await GhostAsync();
        try
        {
            await CreateAsync("d", ""","tolerations":[{"key":"story/ghost","operator":"Exists"}]""");
            await GhostRunsAsync();
            await Eventually.TrueAsync("both nodes have one", async () => (await Api.GetAsync($"{Sets}/d")).At("status.numberAvailable") == "2", TimeSpan.FromSeconds(60), Ct);
            var kept = (await PodsAsync()).Single(p => (string?)p["spec"]!["nodeName"] == "node-1");

            (await Api.PatchAsync($"{Sets}/d", """{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"registry.test/missing:1"}]}}}}""", "application/strategic-merge-patch+json")).Expect(200);
            await GhostRemovesAsync();
            await Eventually.TrueAsync("the update has begun", async () => (await Api.GetAsync($"{Sets}/d")).At("status.updatedNumberScheduled") == "1", ct: Ct);

            await Cloud.KubectlAsync(["rollout", "undo", "daemonset/d", "-n", Namespace], Ct).OutputAsync();
            await Eventually.TrueAsync("all are as they were", async () =>
            {
                await GhostDoesAsToldAsync();
                return (await Api.GetAsync($"{Sets}/d")) is var set && set.At("status.updatedNumberScheduled") == "2" && set.At("status.numberAvailable") == "2";
            }, TimeSpan.FromSeconds(60), Ct);
            var now = (await PodsAsync()).Single(p => (string?)p["spec"]!["nodeName"] == "node-1");
            Assert.Equal((string?)kept["metadata"]!["uid"], (string?)now["metadata"]!["uid"]);
            Assert.Equal(0, (int?)now["status"]!["containerStatuses"]![0]!["restartCount"]);
        }
        finally
        {
            await Api.DeleteAsync($"{Sets}/d");
            await Api.DeleteAsync(Ghost);
            foreach (var pod in await PodsAsync())
            {
                await Api.DeleteAsync($"{Core}/pods/{(string?)pod["metadata"]!["name"]}", """{"gracePeriodSeconds":0}""");
            }
        }
    }

    [Fact]
    [Upstream("[sig-apps] Daemon set [Serial] should list and delete a collection of DaemonSets [Conformance]")]
    public async Task Collection_IsListedAndDeleted()
    {
        await CreateAsync("d");
        await ReadyAsync("d");
        Assert.Single((await Api.GetAsync($"/apis/apps/v1/daemonsets?labelSelector=story%3D{Namespace}")).Json["items"]!.AsArray());
        (await Api.DeleteAsync($"{Sets}?labelSelector=story%3D{Namespace}")).Expect(200);
        Assert.Equal("[]", (await Api.GetAsync(Sets)).At("items"));
    }

    [Fact]
    [Upstream("[sig-apps] Daemon set [Serial] should verify changes to a daemon set status [Conformance]")]
    public async Task Status_IsUpdatedAndPatched_ByItsOwnPath()
    {
        await CreateAsync("d");
        await ReadyAsync("d");
        await Eventually.TrueAsync("the update is taken", async () =>
        {
            var read = (await Api.GetAsync($"{Sets}/d/status")).Json;
            read["status"]!["conditions"] = new JsonArray(new JsonObject { ["type"] = "StatusUpdate", ["status"] = "True", ["reason"] = "E2E", ["message"] = "Set from e2e test" });
            return (await Api.PutAsync($"{Sets}/d/status", read.ToJsonString())).Code == 200;
        }, ct: Ct);
        Assert.Equal("StatusUpdate", (await Api.GetAsync($"{Sets}/d/status")).At("status.conditions.0.type"));
        (await Api.PatchAsync($"{Sets}/d/status", """{"status":{"conditions":[{"type":"StatusPatched","status":"True"}]}}""")).Expect(200);
        Assert.Equal("StatusPatched", (await Api.GetAsync($"{Sets}/d")).At("status.conditions.0.type"));
    }

    private async Task CreateAsync(string name, string more = "") =>
        (await Api.PostAsync(Sets, $$"""
            {"metadata":{"name":"{{name}}","labels":{"story":"{{Namespace}}"} },"spec":{"selector":{"matchLabels":{"app":"{{name}}"} },
             "template":{"metadata":{"labels":{"app":"{{name}}"} },"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}"}]{{more}} } } } }
            """)).Expect(201);

    private async Task<List<JsonObject>> PodsAsync() =>
        [.. (await Api.GetAsync($"{Core}/pods")).Json["items"]!.AsArray().Select(p => (JsonObject)p!)];

    private async Task<ApiAnswer> ReadyAsync(string name, string? not = null)
    {
        var pod = await Eventually.GetAsync($"daemon {name} is ready", async () =>
        {
            var set = await Api.GetAsync($"{Sets}/{name}");
            var pods = await PodsAsync();
            return set.At("status.numberAvailable") == "1" && set.At("status.observedGeneration") == set.At("metadata.generation") && set.At("status.updatedNumberScheduled") == "1"
                && pods is [var only] && (string?)only["metadata"]!["uid"] != not ? only : null;
        }, TimeSpan.FromSeconds(60), Ct);
        return (await Api.GetAsync($"{Core}/pods/{(string?)pod["metadata"]!["name"]}")).Expect(200);
    }

    private async Task LabelAsync(string color) =>
        (await Api.PatchAsync(Node, $$"""{"metadata":{"labels":{"color-{{Namespace}}":{{color}} } } }""")).Expect(200);

    // A second node, which nobody runs: the story plays its agent, and no other story's pods come to it.
    private async Task GhostAsync()
    {
        (await Api.PostAsync("/api/v1/nodes", """{"metadata":{"name":"ghost","labels":{"kubernetes.io/hostname":"ghost"}},"spec":{"taints":[{"key":"story/ghost","effect":"NoSchedule"}]}}""")).Expect(201);
        (await Api.PatchAsync(Ghost + "/status", $$"""
            {"status":{"allocatable":{"cpu":"4","memory":"4Gi","pods":"10"},"capacity":{"cpu":"4","memory":"4Gi","pods":"10"},
             "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","lastHeartbeatTime":"{{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ssZ}}","lastTransitionTime":"{{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ssZ}}"}]} }
            """)).Expect(200);
    }

    private async Task<JsonObject> GhostPodAsync(bool isLeaving) => await Eventually.GetAsync($"a daemon of the ghost that {(isLeaving ? "goes" : "stays")}", async () =>
        (await PodsAsync()).Find(p => (string?)p["spec"]!["nodeName"] == "ghost" && p["metadata"]!["deletionTimestamp"] is not null == isLeaving), ct: Ct);

    private async Task GhostRunsAsync()
    {
        var pod = await GhostPodAsync(isLeaving: false);
        (await Api.PatchAsync($"{Core}/pods/{(string?)pod["metadata"]!["name"]}/status", """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""")).Expect(200);
    }

    /// <summary>Ends what is to end there and runs what is to run, as a node does all the time.</summary>
    private async Task GhostDoesAsToldAsync()
    {
        foreach (var pod in (await PodsAsync()).Where(p => (string?)p["spec"]!["nodeName"] == "ghost"))
        {
            var path = $"{Core}/pods/{(string?)pod["metadata"]!["name"]}";
            if (pod["metadata"]!["deletionTimestamp"] is not null)
            {
                await Api.DeleteAsync(path, """{"gracePeriodSeconds":0}""");
            }
            else if ((string?)pod["status"]!["phase"] != "Running")
            {
                await Api.PatchAsync($"{path}/status", """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""");
            }
        }
    }

    private async Task GhostRemovesAsync()
    {
        // A pod that was never started goes by itself.
        var pod = await Eventually.GetAsync("a change of the ghost's daemon", async () =>
            (await PodsAsync()).FindAll(p => (string?)p["spec"]!["nodeName"] == "ghost") is [var only] && only["status"]!["phase"]?.GetValue<string>() == "Running" && only["metadata"]!["deletionTimestamp"] is null ? null : "yes", ct: Ct);
        Assert.NotNull(pod);
        foreach (var leaving in (await PodsAsync()).Where(p => (string?)p["spec"]!["nodeName"] == "ghost" && p["metadata"]!["deletionTimestamp"] is not null))
        {
            await Api.DeleteAsync($"{Core}/pods/{(string?)leaving["metadata"]!["name"]}", """{"gracePeriodSeconds":0}""");
        }
    }
}
