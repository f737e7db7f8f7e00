using System.Text.Json.Nodes;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Nodes;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Nodes;

public sealed class PodRemovalTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Remove_PodThatItsNodeHasWrittenToMeanwhile_IsMarkedAndDeleted()
    {
        await using var server = await TestServer.StartAsync(Ct);
        var pod = Make.Pod("default", "p");
        (pod.Spec!.NodeName, pod.Metadata.Finalizers) = ("n1", ["ex.com/held"]);
        var seen = await server.Client.CreateAsync(pod, Ct);
        await server.Client.PatchAsync<Pod>("default", "p", new JsonObject { ["status"] = new JsonObject { ["phase"] = "Running" } }, "status", Ct);

        await new PodRemoval(server.Client, TimeProvider.System).RemoveAsync(seen, new RemovalReason("PreemptionByScheduler", "why"), isGone: false, Ct);

        var removed = await server.Client.GetAsync<Pod>("default", "p", Ct);
        Assert.NotNull(removed.Metadata.DeletionTimestamp);
        Assert.Equal("Running", removed.Status!.Phase);
        Assert.Equal(("True", "PreemptionByScheduler"), removed.Status.Conditions!.Where(c => c.Type == "DisruptionTarget").Select(c => (c.Status, c.Reason)).Single());
    }
}
