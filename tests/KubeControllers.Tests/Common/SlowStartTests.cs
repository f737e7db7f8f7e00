using Sealos.ControllerKit.Client;
using Sealos.KubeControllers.Common;
using Xunit;

namespace Sealos.KubeControllers_Tests.Common;

public sealed class SlowStartTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200)]
    public async Task RunAsync_AllWell_DoesEachOnce(int count)
    {
        var done = new System.Collections.Concurrent.ConcurrentBag<int>();

        var error = await SlowStart.RunAsync(count, i =>
        {
            done.Add(i);
            return Task.CompletedTask;
        });

        Assert.Null(error);
        Assert.Equal(Enumerable.Range(0, count), done.Order());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 3)]
    [InlineData(5, 7)]
    public async Task RunAsync_OneFails_StopsAfterItsBatch(int failing, int expectedTries)
    {
        var tries = 0;

        var error = await SlowStart.RunAsync(100, i => Interlocked.Increment(ref tries) > 0 && i == failing ? throw new ApiException(403, "Forbidden", "quota") : Task.CompletedTask);

        Assert.Equal("quota", error?.Message);
        Assert.Equal(expectedTries, tries);
    }
}
