using System.Globalization;
using Sealos.Kinds.Core;
using Sealos.Node.Containerd;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Pods.Resizing;

/// <summary>Pods whose resources change while they run.</summary>
public sealed class PodResizerTests
{
    private const string Small = """{"requests":{"cpu":"100m"},"limits":{"cpu":"200m","memory":"64Mi"}}""";
    private const string Large = """{"requests":{"cpu":"300m"},"limits":{"cpu":"500m","memory":"96Mi"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resize_ThatFits_IsGivenToTheRunningContainer()
    {
        await using var node = await StartAsync();
        var before = await RunAsync(node, Pod(Small));
        Assert.Equal(("100m", "200m", "64Mi"), Told(before));

        node.Api.Apply(Wish(node, Large));
        var after = await node.UntilAsync(p => Told(p) == ("300m", "500m", "96Mi") && p.Status!.Resize is null, Ct);

        Assert.Contains("UpdateContainerResources a 307 50000 100663296", node.Containerd.Calls);
        Assert.Equal(("300m", 0), (after.Status!.ContainerStatuses![0].AllocatedResources!["cpu"].ToString(), after.Status.ContainerStatuses[0].RestartCount));
        Assert.Equal("50000", File.ReadAllText(node.Cgroup("cpu", $"burstable/pod{TestPods.Uid}/cpu.cfs_quota_us")));
        await LimitIsAsync(node, "100663296");
        Assert.Contains(node.Api.Written, s => s.Resize == "InProgress");
    }

    [Fact]
    public async Task Resize_ThatWantsARestart_StartsTheContainerAnew()
    {
        await using var node = await StartAsync();
        await RunAsync(node, Pod(Small, "memory"));

        node.Api.Apply(Wish(node, Large));
        var after = await node.UntilAsync(p => p.Status!.ContainerStatuses![0] is { RestartCount: 1, State.Running: not null } && p.Status.Resize is null, Ct);

        Assert.Equal(("300m", "500m", "96Mi"), Told(after));
        Assert.DoesNotContain(node.Containerd.Calls, c => c.StartsWith("Update", StringComparison.Ordinal));
        Assert.Contains("Killing: Container a resize requires restart", node.Api.Events);
    }

    [Theory]
    [InlineData("3500m", "Deferred", "ResizeDeferred: Node didn't have enough resource: cpu, requested: 3500, used: 1000, capacity: 4000")]
    [InlineData("5", "Infeasible", "ResizeInfeasible: Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000")]
    public async Task Resize_ThatDoesNotFit_LeavesThePodAsItIs(string cpu, string status, string told)
    {
        await using var node = await StartAsync();
        var other = TestPods.Pod("""{"restartPolicy":"Always","containers":[{"name":"b","image":"image","imagePullPolicy":"IfNotPresent","resources":{"requests":{"cpu":"1"}}}]}""");
        (other.Metadata.Name, other.Metadata.Uid) = ("other", "0c6cb1a3-0000-4000-8000-000000000002");
        node.Api.Apply(other);
        await node.UntilAsync(p => p.Status?.ContainerStatuses?[0].State?.Running is not null, Ct, "other");
        await RunAsync(node, Pod(Small));

        node.Api.Apply(Wish(node, $$$"""{"requests":{"cpu":"{{{cpu}}}"},"limits":{"cpu":"6","memory":"64Mi"}}"""));
        var after = await node.UntilAsync(p => p.Status!.Resize == status, Ct);

        Assert.Equal(("100m", "200m", "64Mi"), Told(after));
        Assert.Contains(told, node.Api.Events);
        Assert.DoesNotContain(node.Containerd.Calls, c => c.StartsWith("Update", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Resize_WhileTheNodeIsDown_IsDoneWhenItIsBack()
    {
        var first = await StartAsync();
        await RunAsync(first, Pod(Small));

        await using var second = await first.RestartAsync(Ct, node => node.Api.Apply(Wish(node, Large)));

        await second.UntilAsync(p => Told(p) == ("300m", "500m", "96Mi") && p.Status!.Resize is null, Ct);
        Assert.Contains("UpdateContainerResources a 307 50000 100663296", second.Containerd.Calls);
    }

    [Fact]
    public async Task Resize_BelowWhatIsUsed_WaitsAndHarmsNobody()
    {
        await using var node = await StartAsync();
        await RunAsync(node, Pod(Large));
        File.WriteAllText(node.Cgroup("memory", $"burstable/pod{TestPods.Uid}/container-2/memory.usage_in_bytes"), "90000000");

        node.Api.Apply(Wish(node, Small));
        var waiting = await node.UntilAsync(p => p.Status!.Resize == "InProgress", Ct);

        Assert.Equal(Quantity.Parse("96Mi"), waiting.Status!.ContainerStatuses![0].Resources!.Limits!["memory"]);
        Assert.DoesNotContain(node.Containerd.Calls, c => c.StartsWith("Update", StringComparison.Ordinal));
        await LimitIsAsync(node, "100663296");
    }

    [Fact]
    public async Task Resize_BelowWhatIsUsed_StillTellsTheMemoryThatItHolds()
    {
        await using var node = await StartAsync();
        await RunAsync(node, Pod("""{"requests":{"cpu":"100m","memory":"80Mi"},"limits":{"cpu":"200m","memory":"96Mi"}}"""));
        File.WriteAllText(node.Cgroup("memory", $"burstable/pod{TestPods.Uid}/container-2/memory.usage_in_bytes"), "90000000");

        node.Api.Apply(Wish(node, """{"requests":{"cpu":"100m","memory":"20Mi"},"limits":{"cpu":"200m","memory":"64Mi"}}"""));
        var waiting = (await node.UntilAsync(p => p.Status!.Resize == "InProgress", Ct)).Status!.ContainerStatuses![0];

        Assert.Equal((Quantity.Parse("20Mi"), Quantity.Parse("80Mi")), (waiting.AllocatedResources!["memory"], waiting.Resources!.Requests!["memory"]));
    }

    [Fact]
    public async Task Resize_OfAPodInGvisor_IsRefused_AndItsLimitStays()
    {
        await using var node = await StartAsync();
        node.Handler = ContainerdConfig.GvisorHandler;

        // Its containers are in one sandbox; cgroups that gVisor makes for them limit nothing.
        var limit = node.Containerd.Limited!;
        node.Containerd.Limited = (uid, id, _) => limit(uid, id, new() { CpuShares = 1024, CpuQuota = -1, MemoryLimitInBytes = long.MaxValue });
        var pod = Pod(Small);
        pod.Spec!.RuntimeClassName = "gvisor";
        pod.Spec.InitContainers = [new Container { Name = "first", Image = "image", ImagePullPolicy = "IfNotPresent" }];
        node.Api.Apply(pod);
        await TestNode.UntilAsync(() => node.Containerd.Calls.Contains("StartContainer first"), Ct);
        node.Containerd.Exit("first", 0);
        Assert.Equal(("100m", "200m", "64Mi"), Told(await node.UntilAsync(p => p.Status?.ContainerStatuses?[0].State?.Running is not null, Ct)));

        node.Api.Apply(Wish(node, Large));
        await node.UntilAsync(p => p.Status!.Resize == "Infeasible", Ct);

        Assert.DoesNotContain(node.Containerd.Calls, c => c.StartsWith("Update", StringComparison.Ordinal));
        await LimitIsAsync(node, "67108864");
    }

    private static async Task<TestNode> StartAsync()
    {
        var node = await TestNode.StartAsync(Ct);
        node.Containerd.Limited = (uid, id, resources) =>
        {
            foreach (var (tree, file, value) in ((string, string, long)[])[("cpu", "cpu.shares", resources.CpuShares), ("cpu", "cpu.cfs_quota_us", resources.CpuQuota), ("cpu", "cpu.cfs_period_us", 100_000), ("memory", "memory.limit_in_bytes", resources.MemoryLimitInBytes)])
            {
                var directory = Directory.CreateDirectory(node.Cgroup(tree, $"burstable/pod{uid}/{id}"));
                File.WriteAllText(Path.Combine(directory.FullName, file), value.ToString(CultureInfo.InvariantCulture));
            }
        };
        return node;
    }

    private static async Task<Pod> RunAsync(TestNode node, Pod pod)
    {
        node.Api.Apply(pod);
        return await node.UntilAsync(p => p.Status?.ContainerStatuses?[0].State?.Running is not null, Ct);
    }

    private static Pod Pod(string resources, string? restarts = null)
    {
        var pod = TestPods.Pod($$"""{"restartPolicy":"Always","containers":[{"name":"a","image":"image","imagePullPolicy":"IfNotPresent","resources":{{resources}} }]}""");
        pod.Spec!.Containers![0].ResizePolicy = restarts is null ? null : [new ContainerResizePolicy { ResourceName = restarts, RestartPolicy = "RestartContainer" }];
        return pod;
    }

    private static Pod Wish(TestNode node, string resources)
    {
        var pod = Kinds.KubeJson.Clone(node.Api.Find("web")!);
        pod.Spec!.Containers![0].Resources = Pod(resources).Spec!.Containers![0].Resources;
        pod.Status!.Resize = "Proposed";
        return pod;
    }

    // A file that is no cgroup's is empty for a moment while the node writes it anew.
    private static Task LimitIsAsync(TestNode node, string bytes) =>
        TestNode.UntilAsync(() => File.ReadAllText(node.Cgroup("memory", $"burstable/pod{TestPods.Uid}/memory.limit_in_bytes")) == bytes, Ct);

    private static (string?, string?, string?) Told(Pod pod) => pod.Status?.ContainerStatuses?[0].Resources is { } has
        ? (has.Requests?.GetValueOrDefault("cpu").ToString(), has.Limits?.GetValueOrDefault("cpu").ToString(), has.Limits?.GetValueOrDefault("memory").ToString())
        : default;
}
