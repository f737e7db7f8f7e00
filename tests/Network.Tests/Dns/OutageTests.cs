using Sealos.Network.Dns;
using Xunit;

namespace Sealos.Network_Tests.Dns;

public sealed class OutageTests
{
    private readonly ManualTime _time = new();
    private readonly List<bool> _told = [];
    private readonly Outage _outage;

    public OutageTests()
    {
        _outage = new Outage(_time);
        _outage.Changed += _told.Add;
    }

    [Fact]
    public void LostPackets_AreNoOutage()
    {
        _outage.Note(isAnswered: false);
        _outage.Note(isAnswered: false);
        Assert.True(_outage.MayAsk());
        _outage.Note(isAnswered: true);
        _outage.Note(isAnswered: false);
        Assert.True(_outage.MayAsk());
        Assert.Empty(_told);
    }

    [Fact]
    public void Silence_IsToldOnce_AndLetsOneQuestionASecondThrough_UntilOneIsAnswered()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.True(i > 2 || _outage.MayAsk());
            _outage.Note(isAnswered: false);
        }

        Assert.Equal([true], _told);
        Assert.False(_outage.MayAsk());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_outage.MayAsk());
        Assert.False(_outage.MayAsk());

        _outage.Note(isAnswered: true);
        Assert.Equal([true, false], _told);
        Assert.True(_outage.MayAsk());
        Assert.True(_outage.MayAsk());
    }
}
