using Xunit;

namespace Sealos.Store.Tests;

public class HistoryKeeperTests
{
    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }

    [Fact]
    public void NextTarget_OldRevisions_FollowAfterTheirTime()
    {
        var clock = new Clock();
        var keeper = new HistoryKeeper(new StoreOptions("x") { Time = clock, HistoryKept = TimeSpan.FromSeconds(300) });
        Assert.Equal(0, keeper.NextTarget(100));
        clock.Seconds = 200;
        Assert.Equal(0, keeper.NextTarget(500));
        clock.Seconds = 300;
        Assert.Equal(100, keeper.NextTarget(600));
        clock.Seconds = 499;
        Assert.Equal(100, keeper.NextTarget(600));
        clock.Seconds = 500;
        Assert.Equal(500, keeper.NextTarget(600));
    }

    [Fact]
    public void NextTarget_TooMany_DoesNotWait()
    {
        var keeper = new HistoryKeeper(new StoreOptions("x") { Time = new Clock(), MaxHistoryRevisions = 1000 });
        Assert.Equal(4000, keeper.NextTarget(5000));
    }

    [Fact]
    public void NextTarget_ClockSetBack_ForgetsNothingEarlyAndStaysBounded()
    {
        var clock = new Clock { Seconds = 10_000 };
        var keeper = new HistoryKeeper(new StoreOptions("x") { Time = clock, HistoryKept = TimeSpan.FromSeconds(300), MaxHistoryRevisions = 1000 });
        keeper.NextTarget(100);
        clock.Seconds = 5;
        Assert.Equal(0, keeper.NextTarget(200));
        clock.Seconds = 400;
        Assert.Equal(0, keeper.NextTarget(900));
        Assert.Equal(4000, keeper.NextTarget(5000));
    }
}
