using System.Text.Json.Nodes;
using Sealos.ApiServer.Tests.Support;
using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>Budgets say how many pods may go, and evictions listen.</summary>
public sealed class DisruptionTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    private string Budgets => $"/apis/policy/v1/namespaces/{Namespace}/poddisruptionbudgets";

    [Fact]
    [Upstream("[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]")]
    public async Task Budget_IsMadeUpdatedPatchedAndDeleted()
    {
        await CreateAsync("1");
        await CountedAsync();
        var read = (await Api.GetAsync($"{Budgets}/b")).Json;
        read["spec"]!["minAvailable"] = "2%";
        (await Api.PutAsync($"{Budgets}/b", read.ToJsonString())).Expect(200);
        await CountedAsync();
        (await Api.PatchAsync($"{Budgets}/b", """{"spec":{"minAvailable":3}}""")).Expect(200);
        await CountedAsync();
        (await Api.DeleteAsync($"{Budgets}/b")).Expect(200);
        await GoneAsync($"{Budgets}/b");
    }

    [Fact]
    [Upstream("[sig-apps] DisruptionController should observe PodDisruptionBudget status updated [Conformance]")]
    public async Task Status_CountsThePodsThatAreReady()
    {
        await CreateAsync("1");
        await RunAsync(2);
        await Eventually.TrueAsync("both are counted", async () => (await Api.GetAsync($"{Budgets}/b")) is var b && b.At("status.currentHealthy") == "2" && b.At("status.disruptionsAllowed") == "1", TimeSpan.FromSeconds(60), Ct);
        Assert.Equal(("2", "1", "SufficientPods"), await StatusAsync());
    }

    [Fact]
    [Upstream("[sig-apps] DisruptionController should update/patch PodDisruptionBudget status [Conformance]")]
    public async Task Status_IsWrittenByItsOwnPath()
    {
        await CreateAsync("1");
        await CountedAsync();
        await Eventually.TrueAsync("the update is taken", async () =>
        {
            var read = (await Api.GetAsync($"{Budgets}/b/status")).Json;
            read["status"]!["disruptedPods"] = new JsonObject { ["pod"] = "2026-01-01T00:00:00Z" };
            return (await Api.PutAsync($"{Budgets}/b/status", read.ToJsonString())) is { Code: 200 } put && put.At("status.disruptedPods.pod") == "2026-01-01T00:00:00Z";
        }, ct: Ct);
        Assert.Equal("2026-01-01T00:00:01Z", (await Api.PatchAsync($"{Budgets}/b/status", """{"status":{"disruptedPods":{"other":"2026-01-01T00:00:01Z"}}}""")).Expect(200).At("status.disruptedPods.other"));
    }

    [Fact]
    [Upstream("[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it [Conformance]")]
    public async Task Eviction_WaitsUntilItsBudgetAllowsIt()
    {
        await CreateAsync("2");
        await RunAsync(2);
        await Eventually.TrueAsync("both are counted", async () => (await Api.GetAsync($"{Budgets}/b")).At("status.currentHealthy") == "2", TimeSpan.FromSeconds(60), Ct);
        var refused = (await EvictAsync("p0")).Expect(429);
        Assert.Equal("The disruption budget b needs 2 healthy pods and has 2 currently", refused.At("details.causes.0.message"));

        (await Api.PatchAsync($"{Budgets}/b", """{"spec":{"minAvailable":1}}""")).Expect(200);
        await CountedAsync();
        (await EvictAsync("p0")).Expect(201);
        await GoneAsync($"{Core}/pods/p0");

        (await EvictAsync("p1")).Expect(429);
        (await Api.DeleteAsync($"{Budgets}/b")).Expect(200);
        (await EvictAsync("p1")).Expect(201);
    }

    [Fact]
    [Upstream("[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets [Conformance]")]
    public async Task Collection_IsListedEverywhereAndDeletedHere()
    {
        var other = await Api.NewNamespaceAsync();
        foreach (var ns in (string[])[Namespace, Namespace, other])
        {
            (await Api.PostAsync($"/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets", $$"""{"metadata":{"generateName":"b-","labels":{"story":"{{Namespace}}"} },"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"x"} } } }""")).Expect(201);
        }

        var all = $"/apis/policy/v1/poddisruptionbudgets?labelSelector=story%3D{Namespace}";
        Assert.Equal(3, (await Api.GetAsync(all)).Json["items"]!.AsArray().Count);
        (await Api.DeleteAsync($"{Budgets}?labelSelector=story%3D{Namespace}")).Expect(200);
        Assert.Equal(other, Assert.Single((await Api.GetAsync(all)).Json["items"]!.AsArray())!["metadata"]!["namespace"]!.GetValue<string>());
        await Api.DeleteAsync($"/api/v1/namespaces/{other}");
    }

    private async Task CreateAsync(string min) =>
        (await Api.PostAsync(Budgets, $$"""{"metadata":{"name":"b"},"spec":{"minAvailable":{{min}},"selector":{"matchLabels":{"app":"x"} } } }""")).Expect(201);

    private Task CountedAsync() =>
        Eventually.TrueAsync("the budget is counted", async () => (await Api.GetAsync($"{Budgets}/b")) is var b && b.At("status.observedGeneration") == b.At("metadata.generation"), ct: Ct);

    private async Task<(string?, string?, string?)> StatusAsync()
    {
        var budget = await Api.GetAsync($"{Budgets}/b");
        return (budget.At("status.expectedPods"), budget.At("status.desiredHealthy"), budget.At("status.conditions.0.reason"));
    }

    private async Task RunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await Api.PostAsync($"{Core}/pods", $$"""{"metadata":{"name":"p{{i}}","labels":{"app":"x"} },"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{CloudFixture.Hello}}"}]} }""")).Expect(201);
        }

        for (var i = 0; i < count; i++)
        {
            await PhaseAsync($"p{i}", "Running");
        }
    }

    private Task<ApiAnswer> EvictAsync(string pod) => Api.PostAsync($"{Core}/pods/{pod}/eviction", $$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{pod}}"} }""");
}
