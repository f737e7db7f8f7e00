using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Subresources;

public sealed class EvictionTests(ApiServerFixture server)
{
    private const string Evict = """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}""";
    private const string EvictDry = """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"},"deleteOptions":{"dryRun":["All"]}}""";
    private readonly ApiClient _admin = server.Admin;
    private string _ns = "";

    private string Pod => $"/api/v1/namespaces/{_ns}/pods/p";

    private string Budgets => $"/apis/policy/v1/namespaces/{_ns}/poddisruptionbudgets";

    [Fact]
    public async Task Eviction_OfAGuardedPod_TakesFromTheBudgetFirst()
    {
        await StartAsync("Running", isReady: true);
        await BudgetAsync("b", """{"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":3,"desiredHealthy":2,"expectedPods":3}""");

        Assert.Equal(201, (await _admin.PostAsync(Pod + "/eviction", EvictDry)).Code);
        Assert.Equal("1", (await _admin.GetAsync(Budgets + "/b")).At("status.disruptionsAllowed"));
        Assert.Null((await _admin.GetAsync(Pod)).At("metadata.deletionTimestamp"));

        (await _admin.PostAsync(Pod + "/eviction", Evict)).Expect(201);
        var budget = await _admin.GetAsync(Budgets + "/b");
        Assert.Equal("0", budget.At("status.disruptionsAllowed"));
        Assert.NotNull(budget.At("status.disruptedPods.p"));
        Assert.Equal(("DisruptionAllowed", "False", "InsufficientPods", "1"), (budget.At("status.conditions.0.type"), budget.At("status.conditions.0.status"), budget.At("status.conditions.0.reason"), budget.At("status.conditions.0.observedGeneration")));
        var pod = await _admin.GetAsync(Pod);
        Assert.NotNull(pod.At("metadata.deletionTimestamp"));
        Assert.Contains("\"reason\":\"EvictionByEvictionAPI\"", pod.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eviction_ThatTheBudgetForbids_Is429WithItsCause()
    {
        await StartAsync("Running", isReady: true);
        await BudgetAsync("b", """{"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":2,"expectedPods":2}""");

        foreach (var body in (string[])[Evict, EvictDry])
        {
            var refused = (await _admin.PostAsync(Pod + "/eviction", body)).Expect(429);
            Assert.Equal(("TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."), (refused.Reason, refused.Message));
            Assert.Equal("""{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget b needs 2 healthy pods and has 1 currently"}]}""", refused.At("details"));
            Assert.Null(refused.Headers.RetryAfter);
        }

        Assert.Null((await _admin.GetAsync(Pod)).At("metadata.deletionTimestamp"));
    }

    [Fact]
    public async Task Eviction_WhileTheBudgetIsNotCounted_AsksToComeAgain()
    {
        await StartAsync("Running", isReady: true);
        await BudgetAsync("b", null);

        var refused = (await _admin.PostAsync(Pod + "/eviction", Evict)).Expect(429);
        Assert.Equal("""{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget b is still being processed by the server."}],"retryAfterSeconds":10}""", refused.At("details"));
        Assert.Equal(TimeSpan.FromSeconds(10), refused.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Eviction_UnderTwoBudgets_IsRefused()
    {
        await StartAsync("Running", isReady: true);
        await BudgetAsync("a", null);
        await BudgetAsync("b", null);

        Assert.Equal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", (await _admin.PostAsync(Pod + "/eviction", Evict)).Expect(500).Message);
    }

    [Theory]
    [InlineData("Pending", false, null, 0, 0, 201)]
    [InlineData("Succeeded", false, null, 0, 0, 201)]
    [InlineData("Running", false, null, 0, 2, 429)]
    [InlineData("Running", false, "IfHealthyBudget", 1, 2, 429)]
    [InlineData("Running", false, "IfHealthyBudget", 2, 2, 201)] // what it guards is well without the pod
    [InlineData("Running", false, "AlwaysAllow", 0, 2, 201)]
    [InlineData("Running", true, "AlwaysAllow", 2, 2, 429)]
    public async Task Eviction_OfWhatServesNobody_DependsOnThePolicy(string phase, bool isReady, string? policy, int healthy, int desired, int code)
    {
        await StartAsync(phase, isReady);
        await BudgetAsync("b", $$"""{"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":{{healthy}},"desiredHealthy":{{desired}},"expectedPods":2}""", policy);

        Assert.Equal(code, (await _admin.PostAsync(Pod + "/eviction", Evict)).Code);
        Assert.Null((await _admin.GetAsync(Budgets + "/b")).At("status.disruptedPods"));
    }

    [Fact]
    public async Task Budget_StatusAndSpec_HaveRulesOfTheirOwn()
    {
        _ns = await _admin.NewNamespaceAsync();
        await BudgetAsync("b", null);
        Assert.Equal("1", (await _admin.GetAsync(Budgets + "/b")).At("metadata.generation"));
        var negative = await _admin.PatchAsync(Budgets + "/b/status", """{"status":{"disruptionsAllowed":-1}}""");
        Assert.Equal("PodDisruptionBudget.policy \"b\" is invalid: status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0", negative.Expect(422).Message);
        var much = await _admin.PatchAsync(Budgets + "/b", """{"spec":{"minAvailable":"101%"}}""");
        Assert.Equal("PodDisruptionBudget.policy \"b\" is invalid: spec.minAvailable: Invalid value: \"101%\": must not be greater than 100%", much.Expect(422).Message);
        Assert.Equal("2", (await _admin.PatchAsync(Budgets + "/b", """{"spec":{"minAvailable":"50%"}}""")).Expect(200).At("metadata.generation"));
    }

    private async Task StartAsync(string phase, bool isReady)
    {
        _ns = await _admin.NewNamespaceAsync();
        (await _admin.PostAsync($"/api/v1/namespaces/{_ns}/pods", """{"metadata":{"name":"p","labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""")).Expect(201);
        await _admin.PostAsync(Pod + "/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}}""");
        (await _admin.PatchAsync(Pod + "/status", $$"""{"status":{"phase":"{{phase}}","conditions":[{"type":"Ready","status":"{{isReady}}"}]} }""")).Expect(200);
    }

    private async Task BudgetAsync(string name, string? status, string? policy = null)
    {
        var more = policy is null ? "" : $",\"unhealthyPodEvictionPolicy\":\"{policy}\"";
        (await _admin.PostAsync(Budgets, $$"""{"metadata":{"name":"{{name}}"},"spec":{"minAvailable":2,"selector":{"matchLabels":{"app":"x"} }{{more}} } }""")).Expect(201);
        if (status is not null)
        {
            (await _admin.PatchAsync($"{Budgets}/{name}/status", $$"""{"status":{{status}} }""")).Expect(200);
        }
    }
}
