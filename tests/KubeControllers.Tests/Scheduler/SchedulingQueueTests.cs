using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Scheduler;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Scheduler;

public sealed class SchedulingQueueTests : IDisposable
{
    private readonly FakeTime _time = new();
    private readonly SchedulingQueue _queue;

    public SchedulingQueueTests() => _queue = new SchedulingQueue(_time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Take_HigherPriorityFirstThenOlder()
    {
        Add("a", 0);
        Add("b", 0);
        Add("c", 10);

        Assert.Equal(["c", "a", "b"], [await TakeAsync(), await TakeAsync(), await TakeAsync()]);
    }

    [Fact]
    public async Task Remove_Ready_IsNotHandedOut()
    {
        Add("a");
        Add("b");
        _queue.Remove("a");

        Assert.Equal("b", await TakeAsync());
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public async Task Wait_WhatItWaitsForChanges_IsTriedAfterItsBackoff()
    {
        await BlockAsync(Blockers.Room);

        _queue.Move(Blockers.Room);
        await AssertNoneReadyAsync();
        _time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Wait_SomethingElseChanges_StaysUntilTheFlush()
    {
        await BlockAsync(Blockers.Room);
        _queue.Move(Blockers.Company);
        _time.Advance(TimeSpan.FromMinutes(4));
        await AssertNoneReadyAsync();

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Wait_ItChangedWhileItWasTried_IsTriedAgain()
    {
        Add("a");
        var waiting = await _queue.TakeAsync(TestContext.Current.CancellationToken);
        _queue.Move(Blockers.Room);
        _queue.Wait(waiting, Blockers.Room);
        _time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Set_PodItselfChanged_NeedsNoBackoff()
    {
        await BlockAsync(Blockers.Room);

        _queue.Set(Pod("a", 0), hasChanged: false);
        await AssertNoneReadyAsync();
        _queue.Set(Pod("a", 0), hasChanged: true);

        // What it waits for is not asked: any change of the pod may help.
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Retry_Again_BacksOffLonger()
    {
        Add("a");
        foreach (var seconds in new[] { 1, 2, 4, 8, 10, 10 })
        {
            _queue.Retry(await _queue.TakeAsync(TestContext.Current.CancellationToken));
            _time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
            await AssertNoneReadyAsync();
            _time.Advance(TimeSpan.FromSeconds(0.2));
        }

        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Wait_RemovedMeanwhile_IsForgotten()
    {
        Add("a");
        var waiting = await _queue.TakeAsync(TestContext.Current.CancellationToken);
        _queue.Remove("a");
        _queue.Retry(waiting);
        _time.Advance(TimeSpan.FromMinutes(10));

        await AssertNoneReadyAsync();
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task RetrySoon_Blocked_IsTriedAfterItsBackoffWhateverItWaitsFor()
    {
        await BlockAsync(Blockers.Room);

        _queue.RetrySoon("a");
        _queue.RetrySoon("unknown");
        await AssertNoneReadyAsync();
        _time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal("a", await TakeAsync());
    }

    private static Pod Pod(string name, int priority) => new() { Metadata = new ObjectMeta { Name = name, Uid = name }, Spec = new PodSpec { Priority = priority } };

    private void Add(string name, int priority = 0) => _queue.Set(Pod(name, priority), hasChanged: false);

    private async Task<string> TakeAsync() => (await _queue.TakeAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).Pod.Metadata.Name!;

    private async Task BlockAsync(Blockers blockers)
    {
        Add("a");
        _queue.Wait(await _queue.TakeAsync(TestContext.Current.CancellationToken), blockers);
    }

    private async Task AssertNoneReadyAsync()
    {
        using var now = new CancellationTokenSource();
        var taking = _queue.TakeAsync(now.Token);
        Assert.False(taking.IsCompleted);
        await now.CancelAsync();
        await Task.WhenAny(taking);
    }
}
