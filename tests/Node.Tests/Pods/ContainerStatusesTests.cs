using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class ContainerStatusesTests
{
    [Theory]
    [InlineData("", "ContainerCreating")]
    [InlineData("i", "PodInitializing")]
    public void OfApps_NeverStarted_Waits(string init, string reason)
    {
        var pod = TestPods.Simple("Always", "a", init);

        var status = Assert.Single(ContainerStatuses.OfApps(PodStatusBuilderTests.View(pod, TestPods.NoRuntime())));

        Assert.Equal((reason, false, 0), (status.State!.Waiting!.Reason, status.Ready, status.RestartCount));
    }

    [Fact]
    public void OfApps_WaitingToRestart_ShowsHowItEnded()
    {
        var pod = TestPods.Simple("Always", "a");
        var view = PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, "a:1 a:0")) with { Waiting = new Dictionary<string, WaitingReason> { ["a"] = new("CrashLoopBackOff", "back-off") } };

        var status = Assert.Single(ContainerStatuses.OfApps(view));

        Assert.Equal(("CrashLoopBackOff", "back-off"), (status.State!.Waiting!.Reason, status.State.Waiting.Message));
        Assert.Equal((1, "Error", "containerd://a-0"), (status.LastState!.Terminated!.ExitCode, status.LastState.Terminated.Reason, status.LastState.Terminated.ContainerID));
    }

    [Theory]
    [InlineData("containerd://a-0", "Disabled")]
    [InlineData("containerd://before", "Enabled")]
    public void OfApps_RuntimeHasLearntToMountReadOnly_SaysHowTheContainerWasMade(string known, string expected)
    {
        var pod = TestPods.Simple("Always", "a");
        pod.Spec!.Containers![0].VolumeMounts = [new VolumeMount { Name = "v", MountPath = "/v", ReadOnly = true, RecursiveReadOnly = "IfPossible" }];
        pod.Status = new PodStatus { ContainerStatuses = [new ContainerStatus { Name = "a", ContainerID = known, VolumeMounts = [new VolumeMountStatus { Name = "v", MountPath = "/v", ReadOnly = true, RecursiveReadOnly = "Disabled" }] }] };

        var status = Assert.Single(ContainerStatuses.OfApps(PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, "a:run")) with { CanMountReadOnly = true }));

        Assert.Equal(expected, Assert.Single(status.VolumeMounts!).RecursiveReadOnly);
    }

    [Fact]
    public void OfApps_Restarted_ShowsTheOneBefore()
    {
        var pod = TestPods.Simple("Always", "a");

        var status = Assert.Single(ContainerStatuses.OfApps(PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, "a:run a:7"))));

        Assert.NotNull(status.State!.Running);
        Assert.Equal((7, 3), (status.LastState!.Terminated!.ExitCode, status.RestartCount));
    }

    [Fact]
    public void OfApps_RunningBeforeButLost_CountsAsAnEndNobodySaw()
    {
        var pod = TestPods.Simple("Always", "a");
        pod.Status = new PodStatus { ContainerStatuses = [new ContainerStatus { Name = "a", RestartCount = 2, State = new() { Running = new() }, ContainerID = "containerd://x" }] };

        var status = Assert.Single(ContainerStatuses.OfApps(PodStatusBuilderTests.View(pod, TestPods.NoRuntime())));

        Assert.Equal((137, "ContainerStatusUnknown", 3), (status.LastState!.Terminated!.ExitCode, status.LastState.Terminated.Reason, status.RestartCount));
        Assert.NotNull(status.State!.Waiting);
    }

    [Fact]
    public void OfApps_EndedAndSweptAway_KeepsWhatWasReported()
    {
        var pod = TestPods.Simple("Never", "a");
        pod.Status = new PodStatus { ContainerStatuses = [new ContainerStatus { Name = "a", State = new() { Terminated = new() { ExitCode = 4 } }, ContainerID = "containerd://x" }] };

        Assert.Equal(4, Assert.Single(ContainerStatuses.OfApps(PodStatusBuilderTests.View(pod, TestPods.NoRuntime()))).State!.Terminated!.ExitCode);
    }

    [Fact]
    public void OfApps_Names_AreSorted()
    {
        var pod = TestPods.Simple("Always", "z a m");

        Assert.Equal(["a", "m", "z"], ContainerStatuses.OfApps(PodStatusBuilderTests.View(pod, TestPods.NoRuntime())).Select(s => s.Name));
    }

    [Fact]
    public void OfApps_ProbesNotContent_IsNotReady()
    {
        var pod = TestPods.Simple("Always", "a b");
        pod.Containers[0].ReadinessProbe = new Probe();
        pod.Containers[1].StartupProbe = new Probe();
        var view = PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, "a:run b:run")) with { IsReady = _ => false, IsStarted = _ => false };

        Assert.Equal([(false, true), (false, false)], ContainerStatuses.OfApps(view).Select(s => (s.Ready, s.Started)).Cast<(bool?, bool?)>());
    }

    [Theory]
    [InlineData("j:1 i:0", "done error", "waiting")]
    [InlineData("i:1", "error waiting", "waiting")]
    [InlineData("", "lost waiting", "waiting")]
    [InlineData("j:0 i:0", "done done", "lost")]
    [InlineData("a:run j:0 i:0", "done done", "lost")]
    public void Build_LastWord_LeavesWaitingWhatNeverHadItsTurn(string runtime, string inits, string app)
    {
        var pod = TestPods.Simple("Never", "a", "i j");
        var view = PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, runtime)) with { IsTerminating = true, IsTerminated = true, Failure = new PodFailure("Evicted", "") };

        static string Word(ContainerStatus status) => status.State switch
        {
            { Waiting: not null } => "waiting",
            { Terminated.Reason: "ContainerStatusUnknown" } => "lost",
            { Terminated.ExitCode: 0 } => "done",
            { Terminated: not null } => "error",
            _ => "other",
        };

        Assert.Equal(inits, string.Join(' ', ContainerStatuses.OfInit(view)!.Select(Word)));
        Assert.Equal(app, Word(Assert.Single(ContainerStatuses.OfApps(view))));
        Assert.Equal(app == "waiting" ? "False" : "True", PodStatusBuilder.Build(view).Conditions!.First(c => c.Type == "Initialized").Status);
    }

    [Fact]
    public void OfInit_Ended_IsReadyWhenItSucceeded()
    {
        var pod = TestPods.Simple("Always", "a", "i j s+");

        var statuses = ContainerStatuses.OfInit(PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, "s:run j:1 i:0")))!;

        Assert.Equal([("i", true), ("j", false), ("s", true)], statuses.Select(s => (s.Name!, s.Ready!.Value)));
    }
}
