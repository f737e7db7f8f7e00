using Sealos.Kinds.AutoscalingV2;
using Sealos.KubeControllers.Autoscalers;
using Xunit;

namespace Sealos.KubeControllers_Tests.Autoscalers;

public sealed class ScalingLimitsTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ScalingHistory _history = new();

    [Theory]
    [InlineData(3, 3, 3, "DesiredWithinRange")]
    [InlineData(3, 9, 6, "ScaleUpLimit")]
    [InlineData(1, 9, 4, "ScaleUpLimit")]
    [InlineData(8, 20, 10, "TooManyReplicas")]
    [InlineData(8, 0, 2, "TooFewReplicas")]
    [InlineData(8, 5, 5, "DesiredWithinRange")]
    public void Bound_WithoutBehavior_AtMostDoubles(int current, int wanted, int replicas, string reason)
    {
        var bounded = Limits(null).Bound(current, wanted);

        Assert.Equal((replicas, reason), (bounded.Replicas, bounded.Reason));
    }

    [Theory]
    [InlineData("Max", 4, 10, 8, "ScaleUpLimit")] // four more, or twice as many
    [InlineData("Min", 5, 10, 9, "ScaleUpLimit")]
    [InlineData("Disabled", 4, 10, 4, "ScaleUpLimit")]
    [InlineData("Max", 8, 20, 10, "TooManyReplicas")]
    [InlineData("Max", 4, 7, 7, "DesiredWithinRange")]
    public void Bound_UpByPolicies_TakesTheOneSelected(string select, int current, int wanted, int replicas, string reason)
    {
        var behavior = new HorizontalPodAutoscalerBehavior { ScaleUp = Rules(select, ("Pods", 4), ("Percent", 100)), ScaleDown = Rules("Max", ("Percent", 100)) };
        var bounded = Limits(behavior).Bound(current, wanted);

        Assert.Equal((replicas, reason), (bounded.Replicas, bounded.Reason));
    }

    [Theory]
    [InlineData("Max", 9, 2, 6, "ScaleDownLimit")] // a third, or one
    [InlineData("Min", 9, 2, 8, "ScaleDownLimit")]
    [InlineData("Disabled", 9, 2, 9, "ScaleDownLimit")]
    [InlineData("Max", 3, 0, 2, "TooFewReplicas")]
    [InlineData("Max", 9, 7, 7, "DesiredWithinRange")]
    public void Bound_DownByPolicies_TakesTheOneSelected(string select, int current, int wanted, int replicas, string reason)
    {
        var behavior = new HorizontalPodAutoscalerBehavior { ScaleUp = Rules("Max", ("Pods", 4)), ScaleDown = Rules(select, ("Pods", 1), ("Percent", 33)) };
        var bounded = Limits(behavior).Bound(current, wanted);

        Assert.Equal((replicas, reason), (bounded.Replicas, bounded.Reason));
    }

    [Fact]
    public void Bound_WithinAPeriod_CountsWhatWasDoneInIt()
    {
        var behavior = new HorizontalPodAutoscalerBehavior { ScaleUp = Rules("Max", ("Pods", 2)), ScaleDown = Rules("Max", ("Pods", 2)) };
        _history.Changed(2, 4, Now.AddSeconds(-10));
        Assert.Equal(4, Limits(behavior).Bound(4, 9).Replicas);
        Assert.Equal(6, Limits(behavior, Now.AddSeconds(6)).Bound(4, 9).Replicas);
    }

    [Fact]
    public void Stabilize_WithoutBehavior_TakesTheHighestOfFiveMinutes()
    {
        _history.Begin(6, Now.AddSeconds(-250));

        Assert.Equal(new Limited(6, "ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation"), Limits(null).Stabilize(6, 3));
        Assert.Equal("ReadyForNewScale", Limits(null).Stabilize(6, 8).Reason);
        Assert.Equal(8, Limits(null, Now.AddSeconds(200)).Stabilize(6, 3).Replicas);
        Assert.Equal(3, Limits(null, Now.AddSeconds(400)).Stabilize(6, 3).Replicas);
    }

    [Fact]
    public void Stabilize_UpwardsToo_WhenAsked()
    {
        var behavior = new HorizontalPodAutoscalerBehavior { ScaleUp = new HPAScalingRules { StabilizationWindowSeconds = 60 }, ScaleDown = new HPAScalingRules { StabilizationWindowSeconds = 0 } };
        _history.Begin(2, Now.AddSeconds(-30));

        Assert.Equal((2, "ScaleUpStabilized"), (Limits(behavior).Stabilize(2, 8).Replicas, Limits(behavior).Stabilize(2, 8).Reason));
        Assert.Equal(8, Limits(behavior, Now.AddSeconds(31)).Stabilize(2, 8).Replicas);
        Assert.Equal(1, Limits(behavior, Now.AddSeconds(31)).Stabilize(2, 1).Replicas);
    }

    private static HPAScalingRules Rules(string select, params (string Type, int Value)[] policies) => new()
    {
        SelectPolicy = select,
        Policies = [.. policies.Select(p => new HPAScalingPolicy { Type = p.Type, Value = p.Value, PeriodSeconds = 15 })],
    };

    private ScalingLimits Limits(HorizontalPodAutoscalerBehavior? behavior, DateTimeOffset? now = null) =>
        new(new HorizontalPodAutoscalerSpec { MinReplicas = 2, MaxReplicas = 10, Behavior = behavior }, _history, now ?? Now);
}
