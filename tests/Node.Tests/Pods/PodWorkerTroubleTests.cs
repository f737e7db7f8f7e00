using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;
using Xunit;
using static Sealos.Node.Tests.Pods.PodWorkerTests;

namespace Sealos.Node.Tests.Pods;

/// <summary>What a pod worker does when things go wrong.</summary>
public sealed class PodWorkerTroubleTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("InvalidImageName", "Not Valid", "IfNotPresent")]
    [InlineData("ErrImageNeverPull", "other", "Never")]
    [InlineData("ErrImagePull", "other", "IfNotPresent")]
    public async Task Pod_ImageCannotBeHad_WaitsWithTheReason(string reason, string image, string policy)
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Containerd.Failures["PullImage"] = (2, "no such host");
        var pod = TestPods.Simple("Always", "a");
        (pod.Containers[0].Image, pod.Containers[0].ImagePullPolicy) = (image, policy);

        node.Api.Apply(pod);
        await node.UntilAsync(p => Waiting(p) == reason, Ct);

        Assert.Contains($"Failed: Error: {reason}", node.Api.Events);
        Assert.DoesNotContain(node.Containerd.Calls, c => c.StartsWith("CreateContainer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pod_PullFailed_PausesAndSaysWhy()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Containerd.Failures["PullImage"] = (2, "no such host");
        var pod = TestPods.Simple("Always", "a");
        pod.Containers[0].Image = "other";

        node.Api.Apply(pod);
        var paused = await node.UntilAsync(p => Waiting(p) == "ImagePullBackOff", Ct);

        Assert.Equal("Back-off pulling image \"other\": ErrImagePull: no such host", paused.Status!.ContainerStatuses![0].State!.Waiting!.Message);
        Assert.Single(node.Api.Events, e => e.StartsWith("Pulling:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pod_ConfigMapIsMissing_WaitsAndIsNotTriedAtEveryEcho()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a");
        pod.Containers[0].Env = [new EnvVar { Name = "A", ValueFrom = new() { ConfigMapKeyRef = new() { Name = "settings", Key = "k" } } }];

        node.Api.Apply(pod);
        var waiting = await node.UntilAsync(p => Waiting(p) == "CreateContainerConfigError", Ct);
        node.Api.Apply(waiting);
        await Task.Delay(200, Ct);

        Assert.Equal("configmap \"settings\" not found", waiting.Status!.ContainerStatuses![0].State!.Waiting!.Message);
        Assert.Single(node.Api.Events, e => e.StartsWith("Failed:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pod_AsksForWhatIsNotBuilt_WaitsAndNamesTheField()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a");
        pod.Spec!.HostUsers = false;

        node.Api.Apply(pod);
        var waiting = await node.UntilAsync(p => Waiting(p) == "CreateContainerConfigError", Ct);

        Assert.StartsWith("spec.hostUsers:", waiting.Status!.ContainerStatuses![0].State!.Waiting!.Message, StringComparison.Ordinal);
        Assert.Empty(node.Containerd.Calls);
        Assert.Single(node.Api.Events, e => e.StartsWith("Unsupported:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Always", "Running")]
    [InlineData("Never", "Failed")]
    public async Task Pod_SandboxDies_IsMadeAnewIfThePodMayRunAgain(string policy, string phase)
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Api.Apply(TestPods.Simple(policy, "a"));
        await node.UntilAsync(IsRunning, Ct);

        node.Containerd.KillSandbox();
        var pod = await node.UntilAsync(p => p.Status?.Phase == phase && (policy == "Always" ? p.Status.ContainerStatuses![0].RestartCount == 1 : p.Status.ContainerStatuses![0].State!.Terminated is not null), Ct);

        await TestNode.UntilAsync(() => node.Containerd.Calls.Contains("StopPodSandbox"), Ct);
        Assert.Equal(policy == "Always", node.Containerd.Calls.Contains("RunPodSandbox 1"));
        Assert.Equal(policy == "Always", node.Api.Events.Contains("SandboxChanged: Pod sandbox changed, it will be killed and re-created."));
        Assert.Equal(137, (pod.Status!.ContainerStatuses![0].State!.Terminated ?? pod.Status.ContainerStatuses[0].LastState!.Terminated)!.ExitCode);
    }

    [Fact]
    public async Task Pod_SandboxCannotBeMade_SaysWhyAndTriesAgain()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Containerd.Failures["RunPodSandbox"] = (2, "no address left");

        node.Api.Apply(TestPods.Simple("Always", "a"));
        var waiting = await node.UntilAsync(p => p.Status?.ContainerStatuses?[0].State?.Waiting?.Message is not null, Ct);
        node.Containerd.Failures.Clear();
        var running = await node.UntilAsync(IsRunning, Ct);

        Assert.Equal(("ContainerCreating", "Failed to create pod sandbox: rpc error: code = Unknown desc = no address left"), (Waiting(waiting), waiting.Status!.ContainerStatuses![0].State!.Waiting!.Message));
        Assert.Null(running.Status!.ContainerStatuses![0].State!.Waiting);
    }

    [Fact]
    public async Task Pod_PostStartFails_KillsTheContainer()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a");
        pod.Containers[0].Lifecycle = new Lifecycle { PostStart = new() { Exec = new() { Command = ["false"] } } };

        node.Api.Apply(pod);
        await node.UntilAsync(p => Waiting(p) == "PostStartHookError", Ct);

        Assert.Contains("Killing: FailedPostStartHook", node.Api.Events);
        Assert.Contains(node.Containerd.Calls, c => c.StartsWith("StopContainer a", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pod_ReadinessProbeChangesItsMind_FollowsIt()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Prober.IsContent = false;
        var pod = TestPods.Simple("Always", "a");
        pod.Containers[0].ReadinessProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 1, SuccessThreshold = 1, Exec = new() { Command = ["x"] } };

        node.Api.Apply(pod);
        var unready = await node.UntilAsync(IsRunning, Ct);
        Assert.False(unready.Status!.ContainerStatuses![0].Ready);
        await TestNode.UntilAsync(() => node.Api.Events.Contains("Unhealthy: Readiness probe failed: said so"), Ct);
        node.Prober.IsContent = true;
        await node.UntilAsync(p => p.Status!.ContainerStatuses![0].Ready == true, Ct);
    }

    [Fact]
    public async Task Pod_DeadlineOver_Fails()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a");
        pod.Spec!.ActiveDeadlineSeconds = 1;

        node.Api.Apply(pod);
        var failed = await node.UntilAsync(p => p.Status?.Phase == "Failed" && p.Status.ContainerStatuses![0].State?.Terminated is not null, Ct);

        Assert.Equal("DeadlineExceeded", failed.Status!.Reason);
    }

    [Fact]
    public async Task Pod_DeadlineOverButItsContainerWillNotStop_IsNotFailedYet_AndKeepsItsAddress()
    {
        await using var node = await TestNode.StartAsync(Ct);
        node.Containerd.Stubborn["a"] = new TaskCompletionSource();
        var pod = TestPods.Simple("Always", "a");
        pod.Spec!.ActiveDeadlineSeconds = 1;
        pod.Spec.TerminationGracePeriodSeconds = 86400;

        node.Api.Apply(pod);
        await TestNode.UntilAsync(() => node.Containerd.Calls.Any(c => c.StartsWith("StopContainer", StringComparison.Ordinal)), Ct);
        Assert.DoesNotContain(node.Api.Written, s => s.Phase == "Failed");
        Assert.Equal(("Running", null), (node.Workers.Find(pod.Namespace, pod.Name)!.Status!.Phase, node.Workers.Find(pod.Namespace, pod.Name)!.Status!.Reason));
        Assert.Empty(node.Released);

        node.Containerd.Stubborn["a"].SetResult();
        var failed = await node.UntilAsync(p => p.Status?.Phase == "Failed", Ct);
        Assert.Equal("DeadlineExceeded", failed.Status!.Reason);
        Assert.NotNull(failed.Status.ContainerStatuses![0].State?.Terminated);
        Assert.Equal(["web"], node.Released);
    }

    [Fact]
    public async Task Pod_ForbiddenSysctl_IsRejected()
    {
        await using var node = await TestNode.StartAsync(Ct);
        var pod = TestPods.Simple("Always", "a");
        pod.Spec!.SecurityContext = new() { Sysctls = [new Sysctl { Name = "kernel.msgmax", Value = "1" }] };

        node.Api.Apply(pod);

        Assert.Equal("SysctlForbidden", (await node.UntilAsync(p => p.Status?.Phase == "Failed", Ct)).Status!.Reason);
        Assert.Empty(node.Containerd.Calls);
    }
}
