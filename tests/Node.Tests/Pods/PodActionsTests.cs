using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class PodActionsTests
{
    [Theory]
    [InlineData("Always", "")]
    [InlineData("Always", "a:0/old b:1/old")]
    [InlineData("OnFailure", "a:1/old b:0/old")]
    public void Compute_NoUsableSandbox_MakesOneAndStartsWhatMustRun(string policy, string containers)
    {
        var pod = TestPods.Simple(policy, "a b");

        var actions = PodActions.Compute(pod, TestPods.Runtime(pod, containers, isReady: false), new Findings());

        Assert.True(actions.CreateSandbox);
        Assert.Equal(2u, actions.Attempt);
        Assert.Equal(policy == "OnFailure" ? ["a"] : ["a", "b"], Names(actions.ToStart));
    }

    [Fact]
    public void Compute_NewPod_MakesItsFirstSandbox()
    {
        var actions = PodActions.Compute(TestPods.Simple("Never", "a"), TestPods.NoRuntime(), new Findings());

        Assert.Equal((true, 0u, false), (actions.CreateSandbox, actions.Attempt, actions.KillPod));
        Assert.Equal(["a"], Names(actions.ToStart));
    }

    [Theory]
    [InlineData("Never", "a:1 b:run")]
    [InlineData("OnFailure", "a:0 b:0")]
    public void Compute_SandboxLostAndNothingToRunAgain_EndsThePod(string policy, string containers)
    {
        var pod = TestPods.Simple(policy, "a b");

        var actions = PodActions.Compute(pod, TestPods.Runtime(pod, containers, isReady: false), new Findings());

        Assert.Equal((true, false), (actions.KillPod, actions.CreateSandbox));
    }

    [Fact]
    public void Compute_SandboxWithoutAddress_IsReplaced()
    {
        var pod = TestPods.Simple("Always", "a");
        var runtime = TestPods.Runtime(pod, "a:run");
        runtime = runtime with { Sandboxes = [runtime.Sandboxes[0] with { Ip = "" }] };

        var actions = PodActions.Compute(pod, runtime, new Findings());

        Assert.Equal((true, true), (actions.KillPod, actions.CreateSandbox));
    }

    [Theory]
    [InlineData("Always", "a:run b:run", "")]
    [InlineData("Always", "a:run b:0", "b")]
    [InlineData("Always", "a:run b:1", "b")]
    [InlineData("OnFailure", "a:run b:0", "")]
    [InlineData("OnFailure", "a:run b:1", "b")]
    [InlineData("Never", "a:run b:1", "")]
    [InlineData("Never", "a:run b:new", "b")]
    [InlineData("Always", "a:run b:unknown", "b")]
    [InlineData("Always", "a:run", "b")]
    public void Compute_SandboxIsThere_RestartsByPolicy(string policy, string containers, string expected)
    {
        var pod = TestPods.Simple(policy, "a b");

        var actions = PodActions.Compute(pod, TestPods.Runtime(pod, containers), new Findings());

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Names(actions.ToStart));
        Assert.Equal(expected.Length == 0, actions.IsEmpty);
        Assert.Empty(actions.Kills);
    }

    [Theory]
    [InlineData("Never", "a:0 b:1")]
    [InlineData("OnFailure", "a:0 b:0")]
    public void Compute_NothingRunsNorWill_EndsThePod(string policy, string containers)
    {
        var pod = TestPods.Simple(policy, "a b");

        Assert.True(PodActions.Compute(pod, TestPods.Runtime(pod, containers), new Findings()).KillPod);
    }

    [Fact]
    public void Compute_ImageChanged_ReplacesTheContainerWhateverThePolicy()
    {
        var pod = TestPods.Simple("Never", "a b");
        var runtime = TestPods.Runtime(pod, "a:run b:run");
        pod.Spec!.Containers![0].Image = "other";

        var actions = PodActions.Compute(pod, runtime, new Findings());

        Assert.Equal("Container a definition changed, will be restarted", Assert.Single(actions.Kills).Message);
        Assert.Equal(["a"], Names(actions.ToStart));
    }

    [Theory]
    [InlineData("Always", "Container a failed liveness probe, will be restarted", "a")]
    [InlineData("Never", "Container a failed liveness probe", "")]
    public void Compute_LivenessFailed_KillsAndRestartsByPolicy(string policy, string message, string expected)
    {
        var pod = TestPods.Simple(policy, "a b");

        var actions = PodActions.Compute(pod, TestPods.Runtime(pod, "a:run b:run"), new Findings { Failures = { ["a-0"] = "liveness" } });

        var kill = Assert.Single(actions.Kills);
        Assert.Equal((message, "liveness"), (kill.Message, kill.Probe));
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Names(actions.ToStart));
    }

    [Fact]
    public void Compute_EphemeralContainer_StartsOnceAndNeverAgain()
    {
        var pod = TestPods.Simple("Always", "a");
        pod.Spec!.EphemeralContainers = [new EphemeralContainer { Name = "debug", Image = "tools" }];

        Assert.Equal(["debug"], Names(PodActions.Compute(pod, TestPods.Runtime(pod, "a:run"), new Findings()).EphemeralToStart));
        Assert.Empty(PodActions.Compute(pod, TestPods.Runtime(pod, "debug:1 a:run"), new Findings()).EphemeralToStart);
    }

    [Fact]
    public void ShouldRestart_PodIsBeingDeleted_Never()
    {
        var pod = TestPods.Simple("Always", "a");
        pod.Metadata.DeletionTimestamp = TestPods.Start;

        Assert.False(PodActions.ShouldRestart(pod, pod.Containers[0], TestPods.NoRuntime()));
    }

    private static IEnumerable<string> Names(IEnumerable<Container> containers) => containers.Select(c => c.RequiredName);
}
