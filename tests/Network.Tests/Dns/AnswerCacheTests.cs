using Sealos.Network.Dns;
using Xunit;

namespace Sealos.Network_Tests.Dns;

public sealed class AnswerCacheTests
{
    private static readonly DnsQuery Question = DnsQuery.Parse(Samples53.Question())!;

    private readonly ManualTime _time = new();

    [Fact]
    public void Answer_IsKept_AsLongAsItsShortestRecord_AndAges()
    {
        var cache = new AnswerCache(10, _time);
        cache.Add("www", Reply(Samples53.Reply(life: 60)));
        _time.Advance(TimeSpan.FromSeconds(59.5));
        Assert.True(cache.TryGet("www", out var reply, out var age));
        Assert.Equal(
            ["www.example.org 1 CNAME web.example.org", "web.example.org 11 A 192.0.2.1", "web.example.org 21 A 192.0.2.2"],
            Wire.Read(reply.For(Question, age, 512)).Answers);

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.False(cache.TryGet("www", out _, out _));
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(0, 0)]
    public void Absence_IsKept_AsLongAsItsZoneSays(byte says, int life)
    {
        Assert.Equal(life, Reply(Samples53.Absence(says)).Life);
    }

    [Fact]
    public void Failure_IsNotKept()
    {
        var message = Samples53.Reply();
        message[3] = 0x82;
        var cache = new AnswerCache(10, _time);
        cache.Add("www", Reply(message));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void LongLife_IsCapped()
    {
        Assert.Equal(3600, Reply(Samples53.Reply(life: 604800)).Life);
    }

    [Fact]
    public void Cache_NeverHoldsMoreThanItsShare_AndKeepsWhatIsUsed()
    {
        var cache = new AnswerCache(100, _time);
        cache.Add("used", Reply(Samples53.Reply()));
        for (var i = 0; i < 1000; i++)
        {
            cache.Add($"once-{i}", Reply(Samples53.Reply()));
            Assert.True(cache.TryGet("used", out _, out _));
            Assert.InRange(cache.Count, 1, 100);
        }
    }

    private static ForeignReply Reply(byte[] message) => ForeignReply.Parse(message, Question, Samples53.Id)!;
}
