using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class PodConditionsTests
{
    [Theory]
    [InlineData("", "a:run", "ContainersReady", "False", "ContainersNotReady", "containers with unready status: [b]")]
    [InlineData("", "a:run", "Ready", "False", "ContainersNotReady", "containers with unready status: [b]")]
    [InlineData("i j", "i:0", "Initialized", "False", "ContainersNotInitialized", "containers with incomplete status: [j]")]
    [InlineData("s+", "s:1 a:run b:run", "ContainersReady", "False", "ContainersNotReady", "containers with unready status: [s]")]
    [InlineData("s+", "s:1 a:run b:run", "Initialized", "True", null, null)]
    public void Build_Containers_DecideConditions(string init, string runtime, string type, string status, string? reason, string? message)
    {
        var pod = TestPods.Simple("Always", "a b", init);

        var condition = PodStatusBuilder.Build(PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, runtime))).Conditions!.Single(c => c.Type == type);

        Assert.Equal((status, reason, message), (condition.Status, condition.Reason, condition.Message));
    }

    [Theory]
    [InlineData("a:0", "PodCompleted")]
    [InlineData("a:1", "PodFailed")]
    public void Build_EndedPod_SaysHow(string runtime, string reason)
    {
        var pod = TestPods.Simple("Never", "a");

        var conditions = PodStatusBuilder.Build(PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, runtime))).Conditions!;

        Assert.All(conditions.Where(c => c.Type is "Ready" or "ContainersReady"), c => Assert.Equal(("False", reason), (c.Status, c.Reason)));
    }

    [Fact]
    public void Build_PodThrownOutByItsNode_SaysThatItIsNotToBlame()
    {
        var pod = TestPods.Simple("Never", "a");
        var view = PodStatusBuilderTests.View(pod, TestPods.Runtime(pod, "a:run")) with { Failure = new PodFailure("Evicted", "The node was low on resource: memory.") };

        var condition = PodStatusBuilder.Build(view).Conditions!.Single(c => c.Type == "DisruptionTarget");

        Assert.Equal(("True", "TerminationByKubelet", "The node was low on resource: memory."), (condition.Status, condition.Reason, condition.Message));
    }

    [Fact]
    public void Build_ReadinessGate_WaitsForItsCondition()
    {
        var pod = TestPods.Simple("Always", "a");
        pod.Spec!.ReadinessGates = [new PodReadinessGate { ConditionType = "shop/open" }];
        var runtime = TestPods.Runtime(pod, "a:run");

        Assert.Equal("ReadinessGatesNotReady", Ready(pod, runtime).Reason);
        pod.Status = new PodStatus { Conditions = [new PodCondition { Type = "shop/open", Status = "True" }] };
        Assert.Equal("True", Ready(pod, runtime).Status);
    }

    [Fact]
    public void Build_UnchangedCondition_KeepsItsTimeAndOthersConditions()
    {
        var pod = TestPods.Simple("Always", "a");
        var runtime = TestPods.Runtime(pod, "a:run");
        var before = TestPods.Start.AddHours(-1);
        pod.Status = new PodStatus { Conditions = [new PodCondition { Type = "Ready", Status = "True", LastTransitionTime = before }, new PodCondition { Type = "Initialized", Status = "False", LastTransitionTime = before }, new PodCondition { Type = "theirs", Status = "Unknown" }] };

        var conditions = PodStatusBuilder.Build(PodStatusBuilderTests.View(pod, runtime)).Conditions!;

        Assert.Equal(before, conditions.Single(c => c.Type == "Ready").LastTransitionTime);
        Assert.Equal(TestPods.Start, conditions.Single(c => c.Type == "Initialized").LastTransitionTime);
        Assert.Equal("Unknown", conditions.Single(c => c.Type == "theirs").Status);
    }

    private static PodCondition Ready(Pod pod, RuntimePod runtime) => PodStatusBuilder.Build(PodStatusBuilderTests.View(pod, runtime)).Conditions!.Single(c => c.Type == "Ready");
}
