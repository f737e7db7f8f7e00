using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Scheduling;

/// <summary>Pods that matter more take the place of those that matter less.</summary>
public sealed class PreemptionTests(CloudFixture fixture) : SchedulingStory(fixture)
{
    [Fact]
    [Upstream("[sig-scheduling] SchedulerPreemption [Serial] validates basic preemption works [Conformance]")]
    [Upstream("[sig-scheduling] SchedulerPreemption [Serial] validates pod disruption condition is added to the preempted pod [Conformance]")]
    public async Task Pod_OfHigherPriority_TakesThePlaceOfTheLowest()
    {
        await OfferAsync(5);
        var (low, medium, high) = (await PriorityAsync("low", 1), await PriorityAsync("medium", 100), await PriorityAsync("high", 1000));
        await CreateAsync("low", Needing(2, Class(low)), ",\"finalizers\":[\"story.test/held\"]");
        await CreateAsync("medium", Needing(2, Class(medium)));
        await PhaseAsync("low", "Running");
        await PhaseAsync("medium", "Running");

        await CreateAsync("preemptor", Needing(2, Class(high)));

        var victim = await UntilAsync("low", "is to go", p => p.At("metadata.deletionTimestamp") is not null);
        var disrupted = victim.Json["status"]!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "DisruptionTarget")!;
        Assert.Equal(("True", "PreemptionByScheduler"), ((string?)disrupted["status"], (string?)disrupted["reason"]));
        await UntilAsync("preemptor", "is promised the node", p => p.At("status.nominatedNodeName") == "node-1");
        await PatchAsync(PathOf("low"), """{"metadata":{"finalizers":null}}""");
        await PhaseAsync("preemptor", "Running");
        Assert.Null((await PodAsync("medium")).At("metadata.deletionTimestamp"));
        await OfferAsync(null);
    }

    [Fact]
    [Upstream("[sig-scheduling] SchedulerPreemption [Serial] validates lower priority pod preemption by critical pod [Conformance]")]
    public async Task Pod_OfTheSystem_TakesThePlaceOfAnother()
    {
        await OfferAsync(5);
        var (low, medium) = (await PriorityAsync("low", 1), await PriorityAsync("medium", 100));
        await CreateAsync("low", Needing(2, Class(low)));
        await CreateAsync("medium", Needing(2, Class(medium)));
        await PhaseAsync("low", "Running");
        await PhaseAsync("medium", "Running");

        var critical = $"/api/v1/namespaces/kube-system/pods/critical-{Namespace}";
        (await Api.PostAsync("/api/v1/namespaces/kube-system/pods", $$"""{"metadata":{"name":"critical-{{Namespace}}"},"spec":{{{Needing(2, Class("system-cluster-critical"))}} } }""")).Expect(201);
        DeleteAfterwards(critical);

        await GoneAsync(PathOf("low"));
        await UntilAtAsync(critical, "runs", p => p.At("status.phase") == "Running");
        Assert.Equal(("2000000000", null), ((await ReadAsync(critical)).At("spec.priority"), (await PodAsync("medium")).At("metadata.deletionTimestamp")));
        await OfferAsync(null);
    }

    [Fact]
    [Upstream("[sig-scheduling] SchedulerPreemption [Serial] PreemptionExecutionPath runs ReplicaSets to verify preemption running path [Conformance]")]
    public async Task Preemption_TakesNoMoreThanItNeeds_AndNoneTwice()
    {
        await OfferAsync(1000);
        var start = (await ReadAsync($"{Core}/pods")).At("metadata.resourceVersion");
        foreach (var (i, amount) in new[] { (1, 200), (2, 300), (3, 450) })
        {
            var template = $$"""{"metadata":{"labels":{"app":"rs{{i}}"} },"spec":{{{Needing(amount, Class(await PriorityAsync($"p{i}", i)))}} } }""";
            await CreateSetAsync("replicasets", $"rs{i}", 1, template: template);
            await PodsAsync($"rs{i}", 1, IsReady);
        }

        // Fifty are left, so that it takes those of both lesser sets to make room.
        await CreateAsync("preemptor", Needing(500, Class(await PriorityAsync("p4", 4))));
        await PhaseAsync("preemptor", "Running");

        // The sets make new pods, which can run nowhere and must drive nobody away.
        foreach (var app in new[] { "rs1", "rs2" })
        {
            await NowhereAsync(NameOf(Assert.Single(await PodsAsync(app, 1, p => (string?)p["status"]!["phase"] == "Pending"))));
        }

        var seen = await ReadAsync($"{Core}/pods?watch=true&timeoutSeconds=1&resourceVersion={start}");
        var made = seen.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .Where(e => (string?)e["type"] == "ADDED").Select(e => ((string)e["object"]!["metadata"]!["name"]!).Split('-')[0]).Order(StringComparer.Ordinal);
        Assert.Equal(["preemptor", "rs1", "rs1", "rs2", "rs2", "rs3"], made);
        await OfferAsync(null);
    }

    [Fact]
    [Upstream("[sig-scheduling] SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods [Conformance]")]
    public async Task Class_IsListedAndDescribedAnew_ButKeepsItsValue()
    {
        const string Classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
        var (first, second) = ($"{Classes}/{await PriorityAsync("p1", 1)}", $"{Classes}/{await PriorityAsync("p2", 2)}");

        var refused = (await Api.PatchAsync(first, """{"value":10}""", ApiClient.StrategicPatch)).Expect(422);
        Assert.Contains("value: Forbidden: may not be changed in an update.", refused.Message, StringComparison.Ordinal);
        var read = (await ReadAsync(second)).Json;
        read["value"] = 20;
        (await Api.PutAsync(second, read.ToJsonString())).Expect(422);

        Assert.Equal("patched", (await Api.PatchAsync(first, """{"description":"patched"}""", ApiClient.StrategicPatch)).Expect(200).At("description"));
        Assert.Equal("updated", (await UpdateAsync(second, c => c["description"] = "updated")).At("description"));

        Assert.Equal(["patched", "updated"], (await ListAsync(Classes, $"story={Namespace}")).Select(c => (string)c["description"]!));
        (await Api.DeleteAsync($"{Classes}?labelSelector=story%3D{Namespace}")).Expect(200);
        Assert.Empty(await ListAsync(Classes, $"story={Namespace}"));
    }

    private static string Class(string name) => $",\"priorityClassName\":\"{name}\"";
}
