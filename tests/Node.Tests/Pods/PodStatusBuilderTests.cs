using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class PodStatusBuilderTests
{
    [Theory]
    [InlineData("Always", "", "", "Pending")]
    [InlineData("Always", "", "a:run", "Pending")]
    [InlineData("Always", "", "a:run b:run", "Running")]
    [InlineData("Always", "", "a:0 b:1", "Running")]
    [InlineData("Never", "", "a:0 b:0", "Succeeded")]
    [InlineData("Never", "", "a:0 b:1", "Failed")]
    [InlineData("Never", "", "a:run b:1", "Running")]
    [InlineData("OnFailure", "", "a:0 b:0", "Succeeded")]
    [InlineData("OnFailure", "", "a:0 b:1", "Running")]
    [InlineData("Always", "i", "i:run", "Pending")]
    [InlineData("Always", "i", "i:1", "Pending")]
    [InlineData("Never", "i", "i:1", "Failed")]
    [InlineData("Always", "i", "i:0 a:run b:run", "Running")]
    [InlineData("Always", "s+", "s:run", "Pending")]
    [InlineData("Never", "s+", "s:run a:0 b:0", "Running")]
    [InlineData("Never", "s+", "s:0 a:0 b:0", "Succeeded")]
    public void Build_Containers_DecideThePhase(string policy, string init, string runtime, string phase)
    {
        var pod = TestPods.Simple(policy, "a b", init);

        Assert.Equal(phase, PodStatusBuilder.Build(View(pod, TestPods.Runtime(pod, runtime))).Phase);
    }

    [Theory]
    [InlineData("a:0 b:0", "Succeeded")]
    [InlineData("a:0 b:137", "Failed")]
    [InlineData("a:0", "Failed")]
    public void Build_LastWordOnADeletedPod_GoesByExitCodesEvenIfAlwaysRestarted(string runtime, string phase)
    {
        var pod = TestPods.Simple("Always", "a b");

        var status = PodStatusBuilder.Build(View(pod, TestPods.Runtime(pod, runtime)) with { IsTerminating = true, IsTerminated = true });

        Assert.Equal(phase, status.Phase);
        Assert.All(status.ContainerStatuses!, s => Assert.NotNull(s.State!.Terminated));
    }

    [Fact]
    public void Build_FinishedPod_KeepsItsPhaseAndReason()
    {
        var pod = TestPods.Simple("Always", "a");
        pod.Status = new PodStatus { Phase = "Failed", Reason = "DeadlineExceeded", Message = "too long" };

        var status = PodStatusBuilder.Build(View(pod, TestPods.Runtime(pod, "a:run")));

        Assert.Equal(("Failed", "DeadlineExceeded", "too long"), (status.Phase, status.Reason, status.Message));
    }

    [Fact]
    public void Build_RunningPod_HasAddressesConditionsAndStartTime()
    {
        var pod = TestPods.Simple("Always", "a");

        var status = PodStatusBuilder.Build(View(pod, TestPods.Runtime(pod, "a:run")));

        Assert.Equal(("192.168.0.1", "10.0.0.7", "BestEffort", TestPods.Start), (status.HostIP, status.PodIP, status.QosClass, status.StartTime));
        Assert.Equal(
            ["PodReadyToStartContainers=True", "Initialized=True", "Ready=True", "ContainersReady=True", "PodScheduled=True"],
            status.Conditions!.Select(c => $"{c.Type}={c.Status}"));
        var container = Assert.Single(status.ContainerStatuses!);
        Assert.Equal((true, true, "containerd://a-0", "sha256:abc", 3), (container.Ready, container.Started, container.ContainerID, container.ImageID, container.RestartCount));
    }

    [Fact]
    public void Build_BuiltAgain_IsTheSame()
    {
        var pod = TestPods.Simple("Always", "a b", "i");
        var runtime = TestPods.Runtime(pod, "a:run b:1 i:0");
        pod.Status = PodStatusBuilder.Build(View(pod, runtime));

        var again = PodStatusBuilder.Build(View(pod, runtime) with { Now = TestPods.Start.AddHours(1) });

        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(pod.Status, Kinds.KubeJson.Options), System.Text.Json.JsonSerializer.Serialize(again, Kinds.KubeJson.Options));
    }

    internal static PodView View(Pod pod, RuntimePod runtime) => new() { Pod = pod, Runtime = runtime, NodeIp = "192.168.0.1", Now = TestPods.Start };
}
