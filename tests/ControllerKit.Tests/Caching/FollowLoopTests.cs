using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Xunit;

namespace Sealos.ControllerKit_Tests.Caching;

public sealed class FollowLoopTests
{
    [Fact]
    public async Task Run_WhileTheServerIsAway_TriesLessOftenButAboutOnceASecond()
    {
        var follower = new Follower(_ => throw new HttpRequestException("refused"), rounds: 12);

        await follower.RunAsync();

        Assert.Equal(12, follower.Troubles.Count);
        Assert.All(follower.Troubles, t => Assert.Equal("refused", t.Reason));
        Assert.Equal([100, 200, 400, 800, 1000, 1000], follower.Troubles.Take(6).Select(t => (int)t.Pause.TotalMilliseconds));
        Assert.All(follower.Time.Pauses, p => Assert.InRange(p.TotalMilliseconds, 75, 1250));
        Assert.True(follower.Time.Pauses[4..].Distinct().Count() > 1);
    }

    [Fact]
    public async Task Run_AfterAWatchThatLasted_ComesBackAtOnce()
    {
        var follower = new Follower(
            f =>
            {
                // Five failures, then a connection that holds for a minute and breaks.
                f.Time.Move(f.Rounds > 5 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
                throw new IOException("reset");
            },
            rounds: 7);

        await follower.RunAsync();

        Assert.Equal([100, 200, 400, 800, 1000, 100, 100], follower.Troubles.Select(t => (int)t.Pause.TotalMilliseconds));
    }

    [Fact]
    public async Task Run_WatchThatEndsByItself_GoesOnFromItsVersionWithoutAWord()
    {
        var follower = new Follower(f => f.Time.Move(TimeSpan.FromMinutes(30)), rounds: 3);

        await follower.RunAsync();

        Assert.Equal(1, follower.Lists);
        Assert.Empty(follower.Troubles);
        Assert.Empty(follower.Time.Pauses);
    }

    [Fact]
    public async Task Run_WatchThatEndsAtOnce_DoesNotSpin()
    {
        var follower = new Follower(_ => { }, rounds: 4);

        await follower.RunAsync();

        Assert.Equal(4, follower.Time.Pauses.Count);
        Assert.Empty(follower.Troubles);
    }

    [Fact]
    public async Task Run_VersionTooOld_ListsAgain()
    {
        var follower = new Follower(f => throw new ApiException(f.Rounds == 1 ? 410 : 500, "Expired", "too old"), rounds: 2);

        await follower.RunAsync();

        Assert.Equal(2, follower.Lists);
        Assert.Single(follower.Troubles);
    }

    /// <summary>Does as a test says when it watches, and wants no more after some rounds.</summary>
    private sealed class Follower(Action<Follower> watch, int rounds) : IFollower
    {
        private readonly CancellationTokenSource _done = new();

        public HurriedTime Time { get; } = new();

        public int Rounds { get; private set; }

        public int Lists { get; private set; }

        public List<(TimeSpan Pause, string Reason)> Troubles { get; } = [];

        public bool MustList { get; private set; } = true;

        public Task RunAsync() => FollowLoop.RunAsync(this, Time, _done.Token).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        public Task ListAsync(CancellationToken ct)
        {
            Lists++;
            MustList = false;
            return Task.CompletedTask;
        }

        public Task WatchAsync(CancellationToken ct)
        {
            if (Rounds == rounds)
            {
                _done.Cancel();
                ct.ThrowIfCancellationRequested();
            }

            Rounds++;
            watch(this);
            return Task.CompletedTask;
        }

        public void Forget() => MustList = true;

        public void Interrupted(TimeSpan pause, Exception cause) => Troubles.Add((pause, cause.Message));
    }

    /// <summary>A clock on which every pause is over at once, having taken its time.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        private long _ticks;

        public List<TimeSpan> Pauses { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Move(TimeSpan time) => _ticks += time.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Add(dueTime);
            Move(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
