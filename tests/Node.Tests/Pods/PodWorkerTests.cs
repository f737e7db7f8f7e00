using Sealos.Kinds.Core;
using Sealos.Node.Containerd;
using Sealos.Node.Exec;
using Sealos.Node.Pods.Config;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class PodWorkerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pod_New_IsRunAndReported()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a b", "i");

        node.Api.Apply(pod);
        await node.UntilAsync(p => p.Status?.InitContainerStatuses?[0].State?.Running is not null, Ct);
        node.Containerd.Exit("i", 0);
        var running = await node.UntilAsync(p => p.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true, Ct);

        Assert.Equal(["RunPodSandbox 0", "CreateContainer i 0", "StartContainer i", "CreateContainer a 0", "StartContainer a", "CreateContainer b 0", "StartContainer b"], node.Containerd.Calls);
        Assert.Equal(("Running", "10.0.0.1"), (running.Status!.Phase, running.Status.PodIP));
        Assert.Contains("Created: Created container: a", node.Api.Events);
        Assert.Equal("Running", node.Workers.Find("team", "web")?.Status?.Phase);
        Assert.NotNull(node.Workers.FindSandbox(TestPods.Uid));
    }

    [Fact]
    public async Task Pod_InGvisorWhoseClassIsGone_StaysLimitedAfterARestart()
    {
        var first = await TestNode.StartAsync(Ct);
        first.Handler = ContainerdConfig.GvisorHandler;
        var pod = TestPods.Simple("Always", "a", "i");
        pod.Spec!.RuntimeClassName = "gvisor";
        pod.Spec.Containers![0].Resources = new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("64Mi") } };
        first.Api.Apply(pod);
        await first.UntilAsync(p => p.Status?.InitContainerStatuses?[0].State?.Running is not null, Ct);
        first.Containerd.Exit("i", 0);
        await first.UntilAsync(IsRunning, Ct);
        var limit = first.Cgroup("memory", $"burstable/pod{TestPods.Uid}/memory.limit_in_bytes");
        Assert.Equal("67108864", File.ReadAllText(limit));

        await using var second = await first.RestartAsync(Ct, _ => File.Delete(limit));
        await TestNode.UntilAsync(() => File.Exists(limit) && new FileInfo(limit).Length > 0, Ct);

        Assert.Equal("67108864", File.ReadAllText(limit));
    }

    [Fact]
    public async Task Pod_WhoseStatusNamesAnothersContainer_DoesNotGetAtIt()
    {
        var first = await TestNode.StartAsync(Ct);
        first.Api.Apply(TestPods.Simple("Always", "a"));
        var forged = Kinds.KubeJson.Clone(await first.UntilAsync(IsRunning, Ct));
        forged.Status!.ContainerStatuses![0].LastState = new ContainerState { Terminated = new ContainerStateTerminated { ContainerID = "containerd://container" } };

        await using var second = await first.RestartAsync(Ct, node => node.Api.Apply(forged));
        await TestNode.UntilAsync(() => second.Workers.Find("team", "web") is not null, Ct);
        var finder = new ContainerFinder(second.Workers);

        Assert.Equal("container-2", finder.Running("team", "web", "a"));
        Assert.Equal("container-2", finder.ForLogs("team", "web", "a", previous: false));
        Assert.Equal(404, Assert.Throws<RefusedException>(() => finder.ForLogs("team", "web", "a", previous: true)).Status);
    }

    [Fact]
    public async Task Pod_KeepsCrashing_IsRestartedAtOnceThenWaits()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Api.Apply(TestPods.Simple("Always", "a"));
        await node.UntilAsync(IsRunning, Ct);

        node.Containerd.Exit("a", 3);
        await node.UntilAsync(p => IsRunning(p) && p.Status!.ContainerStatuses![0].RestartCount == 1, Ct);
        node.Containerd.Exit("a", 4);
        var waiting = await node.UntilAsync(p => Waiting(p) == "CrashLoopBackOff", Ct);

        var status = waiting.Status!.ContainerStatuses![0];
        Assert.Equal((4, 1, "Running"), (status.LastState!.Terminated!.ExitCode, status.RestartCount, waiting.Status.Phase));
        Assert.Equal($"back-off 10s restarting failed container=a pod=web_team({TestPods.Uid})", status.State!.Waiting!.Message);
        Assert.Single(node.Api.Events, e => e.StartsWith("BackOff:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Never", 0, "Succeeded")]
    [InlineData("Never", 9, "Failed")]
    [InlineData("OnFailure", 0, "Succeeded")]
    public async Task Pod_EndsForGood_IsStoppedAndKept(string policy, int code, string phase)
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Api.Apply(TestPods.Simple(policy, "a"));
        await node.UntilAsync(IsRunning, Ct);

        node.Containerd.Exit("a", code);
        await node.UntilAsync(p => p.Status?.Phase == phase && p.Status.Conditions!.Any(c => c is { Type: "PodReadyToStartContainers", Status: "False" }), Ct);

        Assert.Contains("StopPodSandbox", node.Containerd.Calls);
        Assert.Equal((1, 1), (node.Containerd.CountContainers(), node.Containerd.CountSandboxes()));
        Assert.DoesNotContain("deleted", node.Api.Events);
    }

    [Fact]
    public async Task Pod_Deleted_IsStoppedGentlyAndLeavesNothing()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a");
        pod.Containers[0].Lifecycle = new Lifecycle { PostStart = new() { Exec = new() { Command = ["hello"] } }, PreStop = new() { Exec = new() { Command = ["bye"] } } };
        node.Api.Apply(pod);
        await node.UntilAsync(IsRunning, Ct);

        node.Api.Delete("web", 30);
        await TestNode.UntilAsync(() => node.Api.Find("web") is null && node.Workers.List().Count == 0, Ct);

        Assert.Equal(["RunPodSandbox 0", "CreateContainer a 0", "StartContainer a", "ExecSync hello", "ExecSync bye", "StopContainer a 29", "StopPodSandbox"], node.Containerd.Calls.Select(c => c.Replace("StopContainer a 30", "StopContainer a 29", StringComparison.Ordinal)));
        var last = node.Api.Written.Last();
        Assert.Equal(("Failed", 143), (last.Phase, last.ContainerStatuses![0].State!.Terminated!.ExitCode));
        Assert.Equal((0, 0), (node.Containerd.CountContainers(), node.Containerd.CountSandboxes()));
        Assert.Empty(Directory.GetFileSystemEntries(node.Options.PodsRoot));
        Assert.Empty(Directory.GetFileSystemEntries(node.Options.PodLogsRoot));
    }

    [Fact]
    public async Task Pod_GraceIsShortened_DoesNotWaitForTheLongerOne()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Containerd.Stubborn["a"] = new TaskCompletionSource();
        node.Api.Apply(TestPods.Simple("Always", "a"));
        await node.UntilAsync(IsRunning, Ct);

        node.Api.Delete("web", 600);
        await TestNode.UntilAsync(() => node.Containerd.Calls.Any(c => c.StartsWith("StopContainer", StringComparison.Ordinal)), Ct);
        node.Api.Delete("web", 3);
        await TestNode.UntilAsync(() => node.Containerd.Calls.Count(c => c.StartsWith("StopContainer", StringComparison.Ordinal)) == 2, Ct);
        node.Containerd.Stubborn["a"].SetResult();
        await TestNode.UntilAsync(() => node.Api.Find("web") is null, Ct);
    }

    [Fact]
    public async Task Pod_KilledButSlowToEnd_GetsAllTheProcessorItNeedsForIt()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Containerd.Stubborn["a"] = new TaskCompletionSource();
        node.Api.Apply(TestPods.Pod("""{"containers":[{"name":"a","image":"image","imagePullPolicy":"IfNotPresent","resources":{"limits":{"cpu":"100m","memory":"64Mi"}}}]}"""));
        await node.UntilAsync(IsRunning, Ct);
        var quota = Directory.GetFiles(node.CgroupMount, "cpu.cfs_quota_us", SearchOption.AllDirectories).Single(f => f.Contains(TestPods.Uid, StringComparison.Ordinal));
        Assert.Equal("10000", await File.ReadAllTextAsync(quota, Ct));

        node.Api.Delete("web", 0);
        await TestNode.UntilAsync(() => node.Containerd.Calls.Any(c => c.StartsWith("StopContainer", StringComparison.Ordinal)), Ct);
        Assert.Equal("10000", await File.ReadAllTextAsync(quota, Ct));
        await TestNode.UntilAsync(() => File.ReadAllText(quota) == "-1", Ct);
        node.Containerd.Stubborn["a"].SetResult();
        await TestNode.UntilAsync(() => node.Api.Find("web") is null, Ct);
    }

    [Fact]
    public async Task Pod_GoneFromTheApi_IsStoppedSoon()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Api.Apply(TestPods.Simple("Always", "a"));
        await node.UntilAsync(IsRunning, Ct);

        node.Api.Remove("web");
        await TestNode.UntilAsync(() => node.Containerd.CountSandboxes() == 0, Ct);

        Assert.Contains("StopContainer a 2", node.Containerd.Calls);
        Assert.DoesNotContain("deleted", node.Api.Events);
    }

    [Fact]
    public async Task Agent_Restarted_AdoptsWhatRuns()
    {
        var first = await TestNode.StartAsync(Ct);
        first.Api.Apply(TestPods.Simple("Always", "a b"));
        await first.UntilAsync(IsRunning, Ct);
        var calls = first.Containerd.Calls.ToList();

        await using var second = await first.RestartAsync(Ct);
        await second.UntilAsync(IsRunning, Ct);
        await TestNode.UntilAsync(() => second.Workers.Find("team", "web")?.Status?.Phase == "Running", Ct);

        Assert.Equal(calls, second.Containerd.Calls);
        second.Containerd.Exit("b", 1);
        await second.UntilAsync(p => p.Status!.ContainerStatuses![1].RestartCount == 1, Ct);
    }

    [Fact]
    public async Task Agent_RestartedAfterThePodWasForgotten_RemovesIt()
    {
        var first = await TestNode.StartAsync(Ct);
        first.Api.Apply(TestPods.Simple("Always", "a"));
        await first.UntilAsync(IsRunning, Ct);
        first.Api.Changed -= first.Workers.OnChange;
        first.Api.Remove("web");

        await using var second = await first.RestartAsync(Ct);

        await TestNode.UntilAsync(() => second.Containerd.CountSandboxes() == 0 && second.Workers.List().Count == 0, Ct);
        Assert.Empty(Directory.GetFileSystemEntries(second.Options.PodsRoot));
    }

    internal static bool IsRunning(Pod pod) => pod.Status?.ContainerStatuses?.TrueForAll(s => s.State?.Running is not null) == true;

    internal static string? Waiting(Pod pod) => pod.Status?.ContainerStatuses?[0].State?.Waiting?.Reason;
}
