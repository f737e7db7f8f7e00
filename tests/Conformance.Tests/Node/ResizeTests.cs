using Sealos.ApiServer.Tests.Support;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>Containers that are given other resources while they run, as they see it in their own cgroup.</summary>
public sealed class ResizeTests(CloudFixture fixture) : PodStory(fixture)
{
    private const string Watch = "trap 'exit 0' TERM; while true; do cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max; sleep 0.2; done";

    [Fact]
    public async Task Container_IsGivenMoreMemory_AndSeesIt()
    {
        await StartAsync(Sized("keeps", "NotRequired"), Sized("restarts", "RestartContainer"));
        await UntilAsync("keeps", "runs", IsRunning);
        await UntilAsync("restarts", "runs", IsRunning);
        await SeesAsync("keeps", 64L << 20);
        var first = (await PodAsync("restarts")).At("status.containerStatuses.0.containerID");

        foreach (var pod in (string[])["keeps", "restarts"])
        {
            await KubectlAsync(null, "patch", "pod", pod, "--subresource", "resize", "--patch", """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"20m"},"limits":{"memory":"96Mi"}}}]}}""");
        }

        var kept = await UntilAsync("keeps", "has what it asks for", p => p.At("status.containerStatuses.0.resources.limits.memory") == "96Mi" && p.At("status.resize") is null);
        await SeesAsync("keeps", 96L << 20);
        Assert.Equal(("0", "20m"), (kept.At("status.containerStatuses.0.restartCount"), kept.At("status.containerStatuses.0.allocatedResources.cpu")));

        await UntilAsync("restarts", "was started anew", p => p.At("status.containerStatuses.0.containerID") != first && IsRunning(p) && p.At("status.resize") is null);
        await SeesAsync("restarts", 96L << 20);

        // More than the node has is not for now, and says so.
        await KubectlAsync(null, "patch", "pod", "keeps", "--subresource", "resize", "--patch", """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"4000"}}}]}}""");
        await UntilAsync("keeps", "is told that this will not do", p => p.At("status.resize") == "Infeasible");
        Assert.StartsWith("Node didn't have enough capacity: cpu", await EventAsync("keeps", "ResizeInfeasible"), StringComparison.Ordinal);
        Assert.Contains("Pod QOS Class may not change as a result of resizing", await RefusedAsync(null, "patch", "pod", "restarts", "--subresource", "resize", "--patch", """{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"96Mi","cpu":"1"},"limits":{"cpu":"1"}}}]}}"""), StringComparison.Ordinal);
    }

    private static ShellPod Sized(string name, string policy) => new(name, Watch)
    {
        Restart = "Always",
        Container = $$$""","resources":{"requests":{"cpu":"10m","memory":"32Mi"},"limits":{"memory":"64Mi"}},"resizePolicy":[{"resourceName":"memory","restartPolicy":"{{{policy}}}"}]""",
    };

    private static bool IsRunning(ApiAnswer pod) => pod.At("status.containerStatuses.0.state.running") is not null;

    private Task SeesAsync(string pod, long bytes) => Eventually.TrueAsync(
        $"{pod} sees {bytes} bytes", async () => (await Api.GetAsync($"{PathOf(pod)}/log?tailLines=1")).Text.Trim() == bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), ct: Ct);
}
