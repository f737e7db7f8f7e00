using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Host.Running;
using Xunit;

namespace Sealos.Host_Tests.Running;

public sealed class ComponentRunnerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-runner-").FullName;
    private readonly List<string> _events = [];

    private string StatusFile => Path.Combine(_folder, "status.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_WhatWaitsForNothing_StartsBesideTheOthers()
    {
        var slow = new TaskCompletionSource();
        var free = new TaskCompletionSource();
        var runner = Runner(Part("slow", slow.Task), Part("after", null, "slow"), new Component("free", () => new Service(this, "free", null, free)));

        var starting = runner.StartAsync(TestContext.Current.CancellationToken);
        await free.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.DoesNotContain("start after", Events());
        Assert.Equal("waiting", StateOf("after"));
        slow.SetResult();
        Assert.True(await starting);
        Assert.Contains("start after", Events());
        Assert.All(["slow", "after", "free"], name => Assert.Equal("running", StateOf(name)));
    }

    [Fact]
    public async Task Start_OneFails_TellsWhyAndStartsNothingThatNeedsIt()
    {
        var never = new TaskCompletionSource();
        var runner = Runner(Part("bad", Task.FromException(new IOException("the disk is full"))), Part("after", null, "bad"), Part("endless", never.Task));

        Assert.False(await runner.StartAsync(TestContext.Current.CancellationToken));

        var bad = ComponentBoard.Read(StatusFile)!.Components.Single(c => c.Name == "bad");
        Assert.Equal(("failed", "the disk is full"), (bad.State, bad.Message));
        Assert.Equal("waiting", StateOf("after"));
        Assert.Equal("stopped", StateOf("endless"));
    }

    [Fact]
    public async Task Start_ToldToStop_Throws()
    {
        using var stop = new CancellationTokenSource();
        var never = new TaskCompletionSource();
        var runner = Runner(Part("endless", never.Task));

        var starting = runner.StartAsync(stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
    }

    [Fact]
    public async Task Stop_AfterAllRun_GoesInReverseOrderPastOneThatFails()
    {
        var runner = Runner(Part("one", null), new Component("two", () => new Service(this, "two", null, null) { FailsToStop = true }), Part("three", null));
        await runner.StartAsync(TestContext.Current.CancellationToken);
        _events.Clear();

        await runner.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["stop three", "stop two", "stop one"], Events());
        Assert.Equal("failed", StateOf("two"));
        Assert.Equal("stopped", StateOf("one"));
    }

    private Component Part(string name, Task? until, params string[] after) => new(name, () => new Service(this, name, until, null), after);

    private ComponentRunner Runner(params Component[] components) =>
        new(components, new ComponentBoard(StatusFile, components.Select(c => c.Name), TimeProvider.System), NullLogger.Instance);

    private string StateOf(string name) => ComponentBoard.Read(StatusFile)!.Components.Single(c => c.Name == name).State;

    private string[] Events()
    {
        lock (_events)
        {
            return [.. _events];
        }
    }

    private void Note(string what)
    {
        lock (_events)
        {
            _events.Add(what);
        }
    }

    private sealed class Service(ComponentRunnerTests test, string name, Task? until, TaskCompletionSource? started) : IHostedService
    {
        public bool FailsToStop { get; init; }

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            test.Note($"start {name}");
            await (until ?? Task.CompletedTask).WaitAsync(cancellationToken);
            started?.SetResult();
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            test.Note($"stop {name}");
            return FailsToStop ? Task.FromException(new IOException("stuck")) : Task.CompletedTask;
        }
    }
}
