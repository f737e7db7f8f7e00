using System.Text.Json;
using Sealos.Node.Cri;
using Sealos.Node.Stats;
using Sealos.Node.Tests.Exec;
using Xunit;

namespace Sealos.Node.Tests.Stats;

public sealed class NodeStatsTests : IAsyncLifetime
{
    private readonly JumpingTime _time = new();
    private FakeRuntime _runtime = null!;
    private CriClient _cri = null!;
    private NodeStats _stats = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _runtime = await FakeRuntime.StartAsync(Ct);
        _cri = new CriClient(_runtime.Socket, TimeProvider.System);
        _stats = new NodeStats(_cri, new NodeOptions { NodeName = "n1", DataRoot = "/" }, () => [], _time);
    }

    public async ValueTask DisposeAsync()
    {
        _stats.Dispose();
        _cri.Dispose();
        await _runtime.DisposeAsync();
    }

    [Fact]
    public async Task Rates_NobodyHasAskedLately_AreThereAtOnce()
    {
        Assert.Equal(1_000_000_000UL, await RateAsync());
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1_000_000_000UL, await RateAsync());
        Assert.Equal(4, _runtime.Measured);
    }

    [Fact]
    public async Task Rates_MeasuredLately_AreNotWaitedFor()
    {
        await RateAsync();
        await RateAsync();
        Assert.Equal(2, _runtime.Measured);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(100_000_000UL, await RateAsync());
        Assert.Equal(3, _runtime.Measured);
    }

    [Fact]
    public async Task Summary_WithoutRates_IsNotWaitedFor()
    {
        var summary = await _stats.SummaryAsync(Ct);

        Assert.False(summary.HasAllRates);
        Assert.Equal(1, _runtime.Measured);
    }

    [Fact]
    public async Task Summary_ContainerThatHasEnded_IsNotAmongThoseThatRun()
    {
        var pod = (await _stats.SummaryAsync(Ct)).Pods.Single();

        Assert.NotNull(Assert.Single(pod.Containers).Cpu);
        Assert.Equal(4096UL, Assert.Single(pod.NotRunning).Rootfs?.UsedBytes);
        Assert.DoesNotContain("4096", JsonSerializer.Serialize(pod), StringComparison.Ordinal);
    }

    private async Task<ulong?> RateAsync() => (await _stats.RatedSummaryAsync(Ct)).Pods.Single().Containers.Single().Cpu!.UsageNanoCores;

    /// <summary>A clock on which waiting takes no time.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Advance(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }

        public void Advance(TimeSpan time) => _now += time;
    }
}
