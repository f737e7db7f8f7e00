using Sealos.KubeControllers.Deployments;
using Xunit;

namespace Sealos.KubeControllers_Tests.Deployments;

public sealed class ProportionalScalingTests
{
    [Fact]
    public void Spread_ScaledUp_GivesTheLargestTheRest()
    {
        ScaledSet[] sets = [new(8, 13, Day(0)), new(5, 13, Day(1))];

        // From 10+3 to 20+5: 8·25/13 = 15.4 and 5·25/13 = 9.6.
        Assert.Equal([15, 10], ProportionalScaling.Spread(new RolloutTarget(20, 5, 0), sets));
    }

    [Fact]
    public void Spread_ScaledDown_TakesFromTheLargestFirst()
    {
        ScaledSet[] sets = [new(8, 13, Day(0)), new(5, 13, Day(1))];

        Assert.Equal([4, 3], ProportionalScaling.Spread(new RolloutTarget(5, 2, 0), sets));
    }

    [Fact]
    public void Spread_ToZero_EmptiesAll()
    {
        ScaledSet[] sets = [new(8, 13, Day(0)), new(5, 13, Day(1))];

        Assert.Equal([0, 0], ProportionalScaling.Spread(new RolloutTarget(0, 1, 0), sets));
    }

    [Fact]
    public void Spread_EqualSizes_NewerGrowsAndOlderShrinks()
    {
        ScaledSet[] sets = [new(1, 2, Day(0)), new(1, 2, Day(1))];

        Assert.Equal([1, 2], ProportionalScaling.Spread(new RolloutTarget(3, 0, 0), sets));
        Assert.Equal([0, 1], ProportionalScaling.Spread(new RolloutTarget(1, 0, 0), sets));
    }

    private static DateTimeOffset Day(int number) => DateTimeOffset.UnixEpoch.AddDays(number);
}
