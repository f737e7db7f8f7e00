using Sealos.KubeControllers.Common;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Common;

public sealed class BackoffTests
{
    [Fact]
    public void Next_EachTime_WaitsTwiceAsLongUpToTheLongest()
    {
        var time = new FakeTime();
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), time);
        Assert.Null(backoff.Left("a"));

        var waits = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            backoff.Next("a");
            waits.Add(backoff.Left("a")!.Value.TotalSeconds);
            time.Advance(backoff.Left("a")!.Value);
            Assert.Null(backoff.Left("a"));
        }

        Assert.Equal([1, 2, 3, 3], waits);
        Assert.Null(backoff.Left("b"));
    }

    [Fact]
    public void Next_AfterALongCalm_StartsAnew()
    {
        var time = new FakeTime();
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), time);
        backoff.Next("a");
        backoff.Next("a");
        time.Advance(TimeSpan.FromSeconds(7));
        backoff.Next("a");

        Assert.Equal(1, backoff.Left("a")!.Value.TotalSeconds);
    }
}
