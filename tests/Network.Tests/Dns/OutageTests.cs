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
        Assert.False(_outage.IsOn);
        _outage.Note(isAnswered: true);
        _outage.Note(isAnswered: false);
        Assert.False(_outage.IsOn);
        Assert.Empty(_told);
    }

    [Fact]
    public void Silence_IsToldOnce_AndProbedOnceASecond_UntilAQuestionIsAnswered()
    {
        for (var i = 0; i < 5; i++)
        {
            _outage.Note(isAnswered: false);
        }

        Assert.Equal([true], _told);
        Assert.True(_outage.IsOn);
        Assert.True(_outage.MayProbe());
        Assert.False(_outage.MayProbe());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_outage.MayProbe());

        _outage.Note(isAnswered: true);
        Assert.Equal([true, false], _told);
        Assert.False(_outage.IsOn);
    }
}
