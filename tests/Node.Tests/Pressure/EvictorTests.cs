using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Node.Pods;
using Sealos.Node.Pressure;
using Xunit;

namespace Sealos.Node.Tests.Pressure;

public sealed class EvictorTests
{
    private const long Mebi = 1024 * 1024;

    private readonly ManualTime _time = new();
    private readonly List<string> _done = [];
    private readonly List<PodFailure> _failures = [];
    private List<PodLoad> _pods = [EvictionOrderTests.Load("big", 300 * Mebi, 0), EvictionOrderTests.Load("small", 200 * Mebi, 0)];
    private MachineRoom _room = Room(memory: 1000 * Mebi, disk: 900);
    private long _freeable;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Look_EnoughOfAll_KeepsImagesNowAndThen()
    {
        var evictor = Create(TimeSpan.Zero);

        Assert.True(await evictor.LookAsync(Ct));
        Assert.True(await evictor.LookAsync(Ct));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(await evictor.LookAsync(Ct));

        Assert.Equal(["images", "images"], _done);
        Assert.Equal(NodePressure.None, evictor.Current);
    }

    [Fact]
    public async Task Look_MemoryShort_EndsOnePodAtATimeAndSaysWhy()
    {
        var changes = 0;
        var evictor = Create(TimeSpan.Zero);
        evictor.Changed += () => changes++;
        _room = Room(memory: 50 * Mebi, disk: 900);

        Assert.False(await evictor.LookAsync(Ct));
        Assert.False(await evictor.LookAsync(Ct));
        _room = Room(memory: 500 * Mebi, disk: 900);
        Assert.True(await evictor.LookAsync(Ct));

        Assert.Equal(["EvictionThresholdMet: Attempting to reclaim memory", "evict big", "EvictionThresholdMet: Attempting to reclaim memory", "evict small", "images"], _done);
        Assert.Equal(2, changes);
        Assert.Equal(
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. Pod was using 307200Ki, request is 0Ki, has larger consumption of memory. ",
            _failures[0].Message);
        Assert.Equal(("Evicted", true, TimeSpan.FromSeconds(1)), (_failures[0].Reason, _failures[0].IsDisruption, _failures[0].Grace));
    }

    [Fact]
    public async Task Look_DiskShort_FreesWhatNobodyNeedsFirst()
    {
        var evictor = Create(TimeSpan.Zero);
        _room = Room(memory: 1000 * Mebi, disk: 50);
        _freeable = 500;
        await evictor.LookAsync(Ct);
        Assert.Equal(["EvictionThresholdMet: Attempting to reclaim ephemeral-storage", "free"], _done);

        _done.Clear();
        (_room, _freeable) = (Room(memory: 1000 * Mebi, disk: 50), 0);
        await evictor.LookAsync(Ct);
        Assert.Equal(["EvictionThresholdMet: Attempting to reclaim ephemeral-storage", "free", "evict big"], _done);
        Assert.True(evictor.Current.Disk);
    }

    [Fact]
    public async Task Look_NobodyHoldsAnything_EndsNobody()
    {
        _pods = [EvictionOrderTests.Load("tiny", 1000, 0)];
        _room = Room(memory: 50 * Mebi, disk: 900);

        await Create(TimeSpan.Zero).LookAsync(Ct);

        Assert.Equal(["EvictionThresholdMet: Attempting to reclaim memory"], _done);
    }

    [Fact]
    public async Task Condition_HoldsOnForItsTransition()
    {
        var evictor = Create(TimeSpan.FromMinutes(1));
        _pods = [];
        _room = Room(memory: 50 * Mebi, disk: 900);
        await evictor.LookAsync(Ct);
        _room = Room(memory: 500 * Mebi, disk: 900);
        _time.Advance(TimeSpan.FromSeconds(59));
        await evictor.LookAsync(Ct);
        Assert.True(evictor.Current.Memory);

        _time.Advance(TimeSpan.FromSeconds(1));
        await evictor.LookAsync(Ct);
        Assert.False(evictor.Current.Memory);
    }

    private static MachineRoom Room(long memory, long disk) => new(new Room(memory, 2000 * Mebi), new Room(disk, 1000), new Room(0, 0), new Room(900, 1000));

    private Evictor Create(TimeSpan transition)
    {
        Threshold.TryParse(new PressureOptions().Thresholds, out var thresholds);
        var tools = new EvictorTools
        {
            Measure = () => _room,
            Weigh = (_, _) => Task.FromResult<IReadOnlyList<PodLoad>>(_pods),
            FreeDisk = _ =>
            {
                _done.Add("free");
                _room = _room with { Disk = _room.Disk with { Available = _room.Disk.Available + _freeable } };
                return Task.CompletedTask;
            },
            KeepImages = (_, _) =>
            {
                _done.Add("images");
                return Task.CompletedTask;
            },
            Evict = (load, failure, _) =>
            {
                _done.Add("evict " + load.Pod.Metadata.Name);
                _failures.Add(failure);
                _pods.Remove(load);
                return Task.CompletedTask;
            },
            Warn = (reason, message) => _done.Add($"{reason}: {message}"),
        };
        return new Evictor(new PressureWatch(thresholds, transition, _time), tools, _time, NullLogger<Evictor>.Instance);
    }
}
