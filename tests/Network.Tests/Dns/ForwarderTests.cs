using System.Collections.Concurrent;
using Sealos.Network.Dns;
using Xunit;

namespace Sealos.Network_Tests.Dns;

/// <summary>Names whose own servers are dead, and servers outside that are: told apart over real packets.</summary>
public sealed class ForwarderTests : IDisposable
{
    private readonly FakeNameServer _upstream = new();
    private readonly FakeNameServer _deaf = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<bool> _told = [];
    private readonly Forwarder _forwarder;
    private int _probes;
    private volatile bool _isSilent;

    public ForwarderTests()
    {
        var options = new DnsOptions
        {
            Upstreams = [_deaf.Address, _upstream.Address],
            UpstreamTimeout = TimeSpan.FromMilliseconds(400),
            ProbeInterval = TimeSpan.FromMilliseconds(10),
        };
        _upstream.OnPacket = Answer;
        _forwarder = new Forwarder(options, TimeProvider.System, _stop.Token);
        _forwarder.OutageChanged += _told.Add;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _upstream.Dispose();
        _deaf.Dispose();
        _told.Dispose();
    }

    [Fact]
    public async Task DeadNames_HoweverManyAreAskedFor_AreNoOutage()
    {
        for (var round = 0; round < 2; round++)
        {
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 100).Select(i => AskAsync($"dead{i}.example.org"))), Assert.Null);
            Assert.NotNull(await AskAsync($"live{round}.example.org"));
        }

        Assert.Empty(_told);
        Assert.InRange(_probes, 1, 100);
    }

    [Fact]
    public async Task SilentServers_AreAnOutage_ThatEndsWithoutAnyClientsQuestion()
    {
        _isSilent = true;
        Assert.Null(await AskAsync("live1.example.org"));
        Assert.True(_told.Take(Ct));

        // One question passes now and then; the others do not wait.
        Assert.Contains(Enumerable.Range(0, 20).Select(i => AskAsync($"more{i}.example.org")), t => t.IsCompletedSuccessfully);

        _isSilent = false;
        Assert.False(_told.Take(Ct));
        Assert.NotNull(await AskAsync("live2.example.org"));
    }

    private Task<ForeignReply?> AskAsync(string name) => _forwarder.AskAsync(DnsQuery.Parse(Wire.Query(name, type: 1))!, Ct);

    private IEnumerable<byte[]> Answer(byte[] question)
    {
        var asked = Assert.Single(Wire.Read(question).Questions);
        if (asked == " 2")
        {
            Interlocked.Increment(ref _probes);
        }

        if (!_isSilent && !asked.StartsWith("dead", StringComparison.Ordinal))
        {
            var reply = (byte[])question.Clone();
            (reply[2], reply[3]) = (0x81, 0x80);
            yield return reply;
        }
    }
}
