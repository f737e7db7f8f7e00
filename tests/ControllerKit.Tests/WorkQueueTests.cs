using Sealos.ControllerKit.Reconciling;
using Xunit;

namespace Sealos.ControllerKit_Tests;

public sealed class WorkQueueTests
{
    [Fact]
    public async Task Add_SameKeyTwice_HandsItOutOnce()
    {
        using var queue = new WorkQueue<string>(TimeProvider.System);
        queue.Add("a");
        queue.Add("a");
        queue.Add("b");

        Assert.Equal("a", await queue.TakeAsync(TestContext.Current.CancellationToken));
        Assert.Equal("b", await queue.TakeAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Add_WhileWorkedOn_HandsItOutAgainOnlyAfterRelease()
    {
        using var queue = new WorkQueue<string>(TimeProvider.System);
        queue.Add("a");
        var key = await queue.TakeAsync(TestContext.Current.CancellationToken);
        queue.Add("a");
        Assert.Equal(0, queue.Count);

        queue.Release(key);

        Assert.Equal(1, queue.Count);
        Assert.Equal("a", await queue.TakeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AddAfter_SeveralDelays_SoonestCounts()
    {
        using var queue = new WorkQueue<string>(TimeProvider.System);
        queue.AddAfter("a", TimeSpan.FromMinutes(5));
        queue.AddAfter("a", TimeSpan.FromMilliseconds(20));
        queue.AddAfter("a", TimeSpan.FromMinutes(1));

        Assert.Equal("a", await queue.TakeAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }
}
