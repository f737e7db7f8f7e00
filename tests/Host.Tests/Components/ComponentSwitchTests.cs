using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Host.Components;
using Sealos.Host.Running;
using Xunit;

namespace Sealos.Host_Tests.Components;

public sealed class ComponentSwitchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-switch-").FullName;
    private readonly List<string> _events = [];
    private readonly ManualTime _time = new();
    private readonly ComponentBoard _board;
    private readonly ComponentSwitch _switch;
    private string? _broken;
    private string? _stuck;
    private Task _start = Task.CompletedTask;

    public ComponentSwitchTests()
    {
        _board = new ComponentBoard(Path.Combine(_folder, "status.json"), [], TimeProvider.System);
        _switch = new ComponentSwitch([Part("one"), Part("two", "one"), Part("other")], _board, _time, NullLogger.Instance);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Apply_OneNoLongerWanted_StopsAndDisposesItAlone()
    {
        Assert.True(await _switch.ApplyAsync(Names("one", "two", "other"), Ct));
        _events.Clear();

        Assert.True(await _switch.ApplyAsync(Names("one", "other"), Ct));

        Assert.Equal(["stop two", "dispose two"], _events);
        Assert.Null(_board.Find("two"));
        Assert.Equal("running", _board.Find("one")!.State);
    }

    [Fact]
    public async Task Apply_Twice_DoesNothing()
    {
        await _switch.ApplyAsync(Names("one", "two"), Ct);
        _events.Clear();

        Assert.True(await _switch.ApplyAsync(Names("one", "two"), Ct));

        Assert.Empty(_events);
    }

    [Fact]
    public async Task Apply_OneFails_OthersRunAndItIsTriedAgain()
    {
        _broken = "one";

        Assert.False(await _switch.ApplyAsync(Names("one", "two", "other"), Ct));
        Assert.Equal(("failed", "one is broken"), (_board.Find("one")!.State, _board.Find("one")!.Message));
        Assert.Equal("waiting", _board.Find("two")!.State);
        Assert.Equal("running", _board.Find("other")!.State);

        _broken = null;
        _time.Now += TimeSpan.FromSeconds(5);
        Assert.True(await _switch.ApplyAsync(Names("one", "two", "other"), Ct));
        Assert.Equal("running", _board.Find("two")!.State);
    }

    [Fact]
    public async Task StopAll_GoesInReverseAndStaysOnTheBoard()
    {
        await _switch.ApplyAsync(Names("one", "two"), Ct);
        _events.Clear();

        await _switch.StopAllAsync();

        Assert.Equal(["stop two", "dispose two", "stop one", "dispose one"], _events);
        Assert.Equal("stopped", _board.Find("one")!.State);
    }

    [Fact]
    public async Task Apply_OneFailsAgain_IsTriedEverLessOften_AndAtOnceWhenAskedTo()
    {
        _broken = "other";
        foreach (var (seconds, tries) in new[] { (0, 1), (4, 0), (1, 1), (9, 0), (1, 1), (19, 0), (1, 1) })
        {
            _events.Clear();
            _time.Now += TimeSpan.FromSeconds(seconds);
            Assert.False(await _switch.ApplyAsync(Names("other"), Ct));
            Assert.Equal(tries, _events.Count(e => e == "start other"));
        }

        _broken = null;
        _switch.Retry("other");
        Assert.True(await _switch.ApplyAsync(Names("other"), Ct));
    }

    [Fact]
    public async Task Begin_OneStartsSlowly_OthersComeAndGo_AndItCanBeTakenBack()
    {
        var end = new TaskCompletionSource();
        _start = end.Task;

        await _switch.BeginAsync(Names("one"), Ct);
        await _switch.BeginAsync(Names("one", "other"), Ct);
        await _switch.BeginAsync(Names("one"), Ct);

        Assert.Equal("starting", _board.Find("one")!.State);
        Assert.Null(_board.Find("other"));
        var removal = _switch.BeginAsync(Names(), Ct);
        end.SetResult();
        await removal;
        Assert.Equal(["start one", "stop one", "dispose one"], _events.Where(e => e.EndsWith("one", StringComparison.Ordinal)));
        Assert.Null(_board.Find("one"));
    }

    [Fact]
    public async Task Apply_OneWouldNotStop_IsDisposedAllTheSame_AndCanBeAddedAgain()
    {
        await _switch.ApplyAsync(Names("one"), Ct);
        _stuck = "one";

        Assert.True(await _switch.ApplyAsync(Names(), Ct));

        Assert.Equal(["start one", "stop one", "dispose one"], _events);
        Assert.True(await _switch.ApplyAsync(Names("one"), Ct));
    }

    private static HashSet<string> Names(params string[] names) => [.. names];

    private RemovableComponent Part(string name, params string[] needs) =>
        new(new ComponentInfo(name, ComponentInfo.Server, name, name) { Needs = needs }) { Create = () => new Service(this, name) };

    private void Note(string what)
    {
        lock (_events)
        {
            _events.Add(what);
        }
    }

    private sealed class Service(ComponentSwitchTests test, string name) : IHostedService, IDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            test.Note($"start {name}");
            return test._broken == name ? Task.FromException(new IOException($"{name} is broken")) : name == "one" ? test._start : Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            test.Note($"stop {name}");
            return test._stuck == name ? Task.FromException(new IOException($"{name} is stuck")) : Task.CompletedTask;
        }

        public void Dispose() => test.Note($"dispose {name}");
    }

    private sealed class ManualTime : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
