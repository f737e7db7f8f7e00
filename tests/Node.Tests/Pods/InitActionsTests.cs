using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class InitActionsTests
{
    [Theory]
    [InlineData("i j", "", "i", "")]
    [InlineData("i j", "i:run", "", "")]
    [InlineData("i j", "i:0", "j", "")]
    [InlineData("i j", "i:1", "i", "")]
    [InlineData("i j", "j:run i:0", "", "")]
    [InlineData("i j", "j:0 i:0", "", "a")]
    [InlineData("i j", "j:0 i:0 a:run", "", "")]
    [InlineData("s+ j", "s:run", "j", "")]
    [InlineData("s+ j", "j:run s:run", "", "")]
    [InlineData("s+ j", "j:run s:1", "s", "")]
    [InlineData("s+ j", "j:0 s:run", "", "a")]
    [InlineData("s+ j", "j:0 s:1", "s", "a")]
    [InlineData("i s+", "s:run i:0", "", "a")]
    [InlineData("i s+", "s:0 i:0", "s", "")]
    [InlineData("i s+", "s:0 i:0 a:run", "s", "")]
    [InlineData("i s+", "i:0 a:run", "s", "")]
    [InlineData("i j", "a:1/old j:0/old i:0/old", "i", "")]
    public void Compute_InitContainers_RunOneAfterAnotherAndSidecarsStay(string init, string runtime, string initToStart, string toStart)
    {
        var pod = TestPods.Simple("Always", "a", init);

        var actions = PodActions.Compute(pod, TestPods.Runtime(pod, runtime), new Findings());

        Assert.Equal(initToStart, string.Join(' ', actions.InitToStart.Select(c => c.RequiredName)));
        Assert.Equal(toStart, string.Join(' ', actions.ToStart.Select(c => c.RequiredName)));
        Assert.False(actions.KillPod);
    }

    [Fact]
    public void Compute_InitFailsAndPolicyIsNever_EndsThePod()
    {
        var pod = TestPods.Simple("Never", "a", "i j");

        Assert.True(PodActions.Compute(pod, TestPods.Runtime(pod, "i:1"), new Findings()).KillPod);
    }

    [Fact]
    public void Compute_SidecarIsStillStarting_HoldsTheNextBack()
    {
        var pod = TestPods.Simple("Always", "a", "s+ j");
        pod.Spec!.InitContainers![0].StartupProbe = new() { Exec = new() { Command = ["true"] } };
        var runtime = TestPods.Runtime(pod, "s:run");

        Assert.True(PodActions.Compute(pod, runtime, new Findings { NotStarted = { "s" } }).IsEmpty);
        Assert.Equal(["j"], PodActions.Compute(pod, runtime, new Findings()).InitToStart.Select(c => c.RequiredName));
    }

    [Fact]
    public void Compute_SidecarFailsItsProbe_IsReplaced()
    {
        var pod = TestPods.Simple("Never", "a", "s+");

        var actions = PodActions.Compute(pod, TestPods.Runtime(pod, "s:run a:run"), new Findings { Failures = { ["s-0"] = "liveness" } });

        Assert.Equal("Container s failed liveness probe, will be restarted", Assert.Single(actions.Kills).Message);
        Assert.Equal(["s"], actions.InitToStart.Select(c => c.RequiredName));
    }

    [Fact]
    public void Compute_NewSandbox_BeginsWithTheFirst()
    {
        var pod = TestPods.Simple("Always", "a", "i j");

        var actions = PodActions.Compute(pod, TestPods.Runtime(pod, "a:run j:0 i:0", isReady: false), new Findings());

        Assert.True(actions.CreateSandbox);
        Assert.Equal(["i"], actions.InitToStart.Select(c => c.RequiredName));
        Assert.Empty(actions.ToStart);
    }
}
