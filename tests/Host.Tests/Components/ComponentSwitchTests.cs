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
    private readonly ComponentBoard _board;
    private readonly ComponentSwitch _switch;
    private string? _broken;

    public ComponentSwitchTests()
    {
        _board = new ComponentBoard(Path.Combine(_folder, "status.json"), [], TimeProvider.System);
        _switch = new ComponentSwitch([Part("one"), Part("two", "one"), Part("other")], _board, NullLogger.Instance);
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
            return test._broken == name ? Task.FromException(new IOException($"{name} is broken")) : Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            test.Note($"stop {name}");
            return Task.CompletedTask;
        }

        public void Dispose() => test.Note($"dispose {name}");
    }
}
