using System.Collections.Concurrent;
using Sealos.Network.Dns;
using Xunit;

namespace Sealos.Network_Tests.Dns;

public sealed class OutageTests : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<bool> _told = [];
    private readonly ConcurrentQueue<bool> _answers = new();
    private readonly ManualTime _time = new();
    private readonly Outage _outage;
    private volatile bool _isAnswered;
    private int _probes;

    public OutageTests()
    {
        _outage = new Outage(ProbeAsync, TimeSpan.FromMilliseconds(5), _time, _stop.Token);
        _outage.Changed += _told.Add;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _told.Dispose();
    }

    [Fact]
    public async Task Suspicion_ThatAProbeDispels_IsNoOutage()
    {
        _isAnswered = true;
        for (var i = 1; i <= 5; i++)
        {
            _outage.Suspect();
            await UntilProbedAsync(i);
            Assert.False(_outage.IsOn);
        }

        Assert.Empty(_told);
    }

    [Fact]
    public async Task LostProbe_IsNoOutage()
    {
        _answers.Enqueue(false);
        _isAnswered = true;
        _outage.Suspect();
        await UntilProbedAsync(2);
        Assert.False(_outage.IsOn);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Silence_IsToldOnce_AndProbedUntilAnAnswerEndsIt()
    {
        _outage.Suspect();
        Assert.True(_told.Take(Ct));
        await UntilProbedAsync(5);
        Assert.True(_outage.IsOn);
        Assert.Empty(_told);

        _isAnswered = true;
        Assert.False(_told.Take(Ct));
        Assert.False(_outage.IsOn);
    }

    [Fact]
    public void Silence_LetsAClientsQuestionPassNowAndThen_WhoseAnswerEndsItToo()
    {
        _outage.Suspect();
        Assert.True(_told.Take(Ct));
        Assert.True(_outage.MayPass());
        Assert.False(_outage.MayPass());
        _time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.True(_outage.MayPass());

        _outage.Answered();
        Assert.False(_told.Take(Ct));
    }

    private async Task UntilProbedAsync(int times)
    {
        while (Volatile.Read(ref _probes) < times)
        {
            await Task.Delay(1, Ct);
            _outage.Suspect();
        }
    }

    private Task<bool> ProbeAsync(CancellationToken ct)
    {
        Interlocked.Increment(ref _probes);
        return Task.FromResult(_answers.TryDequeue(out var answer) ? answer : _isAnswered);
    }
}
