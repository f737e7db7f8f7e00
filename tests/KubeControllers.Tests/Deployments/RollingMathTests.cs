using Sealos.KubeControllers.Deployments;
using Xunit;

namespace Sealos.KubeControllers_Tests.Deployments;

public sealed class RollingMathTests
{
    [Theory]
    [InlineData(10, 3, 0, 10, 3)]
    [InlineData(10, 3, 3, 13, 3)]
    [InlineData(10, 3, 3, 9, 7)]
    [InlineData(10, 0, 0, 8, 2)]
    [InlineData(10, 3, 9, 10, 10)]
    [InlineData(3, 1, 5, 5, 3)]
    [InlineData(0, 1, 2, 2, 0)]
    [InlineData(5, 5, 0, 0, 5)]
    public void NewSize_GrowsIntoTheRoomThatIsLeft(int replicas, int surge, int newSize, int total, int expected) =>
        Assert.Equal(expected, RollingMath.NewSize(new RolloutTarget(replicas, surge, 0), newSize, total));

    [Theory]
    [InlineData(10, 2, 0, 0, 10, 10, 8)] // nothing new yet: only what may be unavailable goes
    [InlineData(10, 0, 3, 3, 10, 10, 7)] // three new ones are available, three old ones go
    [InlineData(10, 0, 3, 0, 10, 10, 10)] // the new ones are not available, nothing can be spared
    [InlineData(10, 2, 5, 0, 10, 8, 8)] // old pods that do not work cost nothing, but no more go than can be spared
    [InlineData(10, 2, 10, 10, 2, 2, 0)]
    [InlineData(4, 1, 0, 0, 4, 0, 3)] // a broken old set shrinks only as far as the minimum allows
    public void OldSizes_NeverFallBelowTheMinimum(int replicas, int unavailable, int newSize, int newAvailable, int oldSize, int oldAvailable, int expected)
    {
        var sizes = RollingMath.OldSizes(new RolloutTarget(replicas, 0, unavailable), new SetSize(newSize, newAvailable), [new SetSize(oldSize, oldAvailable)]);

        Assert.Equal([expected], sizes);
    }

    [Fact]
    public void OldSizes_SeveralSets_UnavailableGoFirstThenOldestFirst()
    {
        var target = new RolloutTarget(10, 5, 5);
        SetSize[] old = [new(4, 4), new(4, 1), new(2, 2)];

        // 15 in all, 5 must stay available, the 5 new ones are not: 5 can go; 3 broken ones of the second set, then the oldest.
        Assert.Equal([2, 1, 2], RollingMath.OldSizes(target, new SetSize(5, 0), old));
    }
}
