using Sealos.Node.Pods;
using Xunit;

namespace Sealos.Node.Tests.Pods;

public sealed class BackoffTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Find_FirstTry_IsFree() => Assert.Null(new Backoff(_time).Find("k", _time.GetUtcNow()));

    [Fact]
    public void Next_AgainAndAgain_DoublesUpToFiveMinutes()
    {
        var backoff = new Backoff(_time);
        var pauses = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            backoff.Next("k", _time.GetUtcNow());
            var pause = backoff.Find("k", _time.GetUtcNow())!.Value;
            pauses.Add(pause.Whole.TotalSeconds);
            _time.Advance(pause.Left);
            Assert.Null(backoff.Find("k", _time.GetUtcNow() - pause.Whole));
        }

        Assert.Equal([10, 20, 40, 80, 160, 300, 300], pauses);
    }

    [Fact]
    public void Next_AfterALongGoodRun_StartsAnew()
    {
        var backoff = new Backoff(_time);
        backoff.Next("k", _time.GetUtcNow());
        backoff.Next("k", _time.GetUtcNow());
        _time.Advance(TimeSpan.FromMinutes(11));

        Assert.Null(backoff.Find("k", _time.GetUtcNow()));
        backoff.Next("k", _time.GetUtcNow());
        Assert.Equal(10, backoff.Find("k", _time.GetUtcNow())!.Value.Whole.TotalSeconds);
    }

    [Fact]
    public void Find_NoMoment_CountsFromTheLastTry()
    {
        var backoff = new Backoff(_time);
        backoff.Next("k", _time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(6, backoff.Find("k")!.Value.Left.TotalSeconds);
        backoff.Reset("k");
        Assert.Null(backoff.Find("k"));
    }
}
