using Sealos.OsServices.SignIn;
using Xunit;

namespace Sealos.OsServices_Tests.SignIn;

public sealed class AttemptCounterTests
{
    [Fact]
    public void TryAdd_UpToTheLimit_ThenNotUntilTheWindowIsOver()
    {
        var time = new Clock();
        var counter = new AttemptCounter(time, 2, TimeSpan.FromMinutes(1));

        Assert.True(counter.TryAdd("ada"));
        Assert.False(counter.IsOver("ada"));
        Assert.True(counter.TryAdd("ada"));
        Assert.False(counter.TryAdd("ada"));
        Assert.True(counter.IsOver("ada"));
        Assert.True(counter.TryAdd("bob"));

        time.Now += TimeSpan.FromMinutes(1);
        Assert.False(counter.IsOver("ada"));
        Assert.True(counter.TryAdd("ada"));
    }

    [Fact]
    public void TryAdd_OfVeryManyKeys_ForgetsThoseCountedLeast()
    {
        var counter = new AttemptCounter(new Clock(), 2, TimeSpan.FromMinutes(1));
        counter.TryAdd("ada");
        counter.TryAdd("ada");

        for (var i = 0; i < 60_000; i++)
        {
            counter.TryAdd($"stranger-{i}");
        }

        Assert.True(counter.IsOver("ada"));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
