using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>Containers that are added to a pod that runs.</summary>
public sealed class EphemeralContainersTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] Ephemeral Containers [NodeConformance] will start an ephemeral container in an existing pod [Conformance]")]
    [Upstream("[sig-node] Ephemeral Containers [NodeConformance] should update the ephemeral containers in an existing pod [Conformance]")]
    public async Task EphemeralContainer_IsStarted_AndAnotherOneBesideIt()
    {
        await StartAsync(new ShellPod("subject", "sleep 1000"));
        await PhaseAsync("subject", "Running");
        await AddAsync("debugger", ""","command":["sh","-c","while true; do echo polo; sleep 1; done"],"stdin":true,"tty":true""");
        await UntilAsync("subject", "runs its debugger", p => p.At("status.ephemeralContainerStatuses.0.state.running") is not null);
        Assert.Contains("marco", await ExecAsync("subject", "debugger", "echo", "marco"), StringComparison.Ordinal);
        await Eventually.TrueAsync("the debugger's log", async () => (await LogAsync("subject", "debugger")).Contains("polo", StringComparison.Ordinal), ct: Ct);
        Assert.Single((await PodAsync("subject")).Json["spec"]!["ephemeralContainers"]!.AsArray());

        // The second is put beside the first with an update of the whole.
        var path = $"{PathOf("subject")}/ephemeralcontainers";
        var whole = (await Api.GetAsync(path)).Expect(200).Json;
        var second = whole["spec"]!["ephemeralContainers"]![0]!.DeepClone();
        second["name"] = "debugger-2";
        whole["spec"]!["ephemeralContainers"]!.AsArray().Add(second);
        (await Api.PutAsync(path, whole.ToJsonString())).Expect(200);
        Assert.Equal(2, (await Api.GetAsync(path)).Json["spec"]!["ephemeralContainers"]!.AsArray().Count);
        await UntilAsync("subject", "runs both debuggers", p => p.Json["status"]!["ephemeralContainerStatuses"] is System.Text.Json.Nodes.JsonArray { Count: 2 } all && all.All(s => s!["state"]!["running"] is not null));
    }

    private async Task AddAsync(string name, string more)
    {
        var patch = $$$"""{"spec":{"ephemeralContainers":[{"name":"{{{name}}}","image":"{{{CloudFixture.Tools}}}"{{{more}}}}]}}""";
        (await Api.PatchAsync($"{PathOf("subject")}/ephemeralcontainers", patch, "application/strategic-merge-patch+json")).Expect(200);
    }
}
