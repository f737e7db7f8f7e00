using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Workloads;

/// <summary>A node is emptied as budgets allow it.</summary>
[Collection(AloneCollection.Name)]
public sealed class DrainTests(CloudFixture fixture) : UpstreamStory(fixture)
{
    [Fact]
    public async Task Drain_WaitsForTheBudget()
    {
        await KubectlAsync(null, "run", "p0", "--image=" + CloudFixture.Hello, "--labels=app=drained");
        await PhaseAsync("p0", "Running");
        await KubectlAsync(null, "create", "pdb", "b", "--min-available=1", "--selector=app=drained");
        await Eventually.TrueAsync("the budget is counted", async () => (await Api.GetAsync($"/apis/policy/v1/namespaces/{Namespace}/poddisruptionbudgets/b")).At("status.currentHealthy") == "1", ct: Ct);
        try
        {
            var refusal = await RefusedAsync(null, "drain", "node-1", "--force", "--pod-selector=app=drained", "--timeout=3s");
            Assert.Contains("Cannot evict pod as it would violate the pod's disruption budget.", refusal, StringComparison.Ordinal);
            Assert.Null((await Api.GetAsync($"{Core}/pods/p0")).At("metadata.deletionTimestamp"));

            await KubectlAsync(null, "delete", "pdb", "b");
            await KubectlAsync(null, "drain", "node-1", "--force", "--pod-selector=app=drained", "--timeout=60s");
            await GoneAsync($"{Core}/pods/p0");
        }
        finally
        {
            await KubectlAsync(null, "uncordon", "node-1");
        }
    }
}
