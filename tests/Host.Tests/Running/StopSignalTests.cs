using System.Runtime.InteropServices;
using Sealos.Host.Running;
using Xunit;

namespace Sealos.Host_Tests.Running;

public sealed partial class StopSignalTests
{
    private const int Terminate = 15;

    [Fact]
    public async Task Signal_CancelsTheToken()
    {
        using var stop = new StopSignal(CancellationToken.None);

        Assert.Equal(0, Kill(Environment.ProcessId, Terminate));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(10), stop.Token));
    }

    [Fact]
    public void SignalsWhileAndAfterItIsDisposedOf_HarmNobody()
    {
        for (var i = 0; i < 200; i++)
        {
            var stop = new StopSignal(CancellationToken.None);
            var token = stop.Token;

            Parallel.Invoke(stop.Stop, stop.Stop, stop.Dispose);
            stop.Stop();

            Assert.Equal(token, stop.Token);
        }
    }

    [Fact]
    public async Task Stop_ComesBackBeforeWhoeverWaitsHasStopped()
    {
        using var stop = new StopSignal(CancellationToken.None);
        using var go = new ManualResetEventSlim();
        using var registration = stop.Token.Register(() => go.Wait(TimeSpan.FromSeconds(10)));

        stop.Stop();

        Assert.True(stop.Token.IsCancellationRequested);
        go.Set();
        await Task.CompletedTask;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
