using Sealos.OsServices.Admission.Hosts;
using Xunit;

namespace Sealos.OsServices_Tests.Admission.Hosts;

public sealed class ProofTurnsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workspace_AskingForMany_WaitsForItself_AndHoldsUpNobodyElse()
    {
        var turns = new ProofTurns();
        var first = await turns.TakeAsync("ns-ada", Ct);
        var waiting = Enumerable.Range(0, 1000).Select(_ => turns.TakeAsync("ns-ada", Ct)).ToList();

        using (var other = await turns.TakeAsync("ns-bob", Ct).WaitAsync(Limit, Ct))
        {
            Assert.NotNull(other);
        }

        foreach (var refused in waiting.Skip(ProofTurns.MostWaiting))
        {
            Assert.Null(await refused.WaitAsync(Limit, Ct));
        }

        Assert.DoesNotContain(waiting.Take(ProofTurns.MostWaiting), w => w.IsCompleted);
        first!.Dispose();
        foreach (var one in waiting.Take(ProofTurns.MostWaiting))
        {
            using var turn = await one.WaitAsync(Limit, Ct);
            Assert.NotNull(turn);
        }
    }

    [Fact]
    public async Task Waiter_WhoGivesUp_LeavesItsPlaceToOthers()
    {
        var turns = new ProofTurns();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var first = await turns.TakeAsync("ns-ada", Ct);
        var waiting = Enumerable.Range(0, ProofTurns.MostWaiting).Select(_ => turns.TakeAsync("ns-ada", stop.Token)).ToList();

        await stop.CancelAsync();
        await Task.WhenAll(waiting).ContinueWith(_ => { }, Ct, TaskContinuationOptions.None, TaskScheduler.Default);
        var next = turns.TakeAsync("ns-ada", Ct);

        Assert.All(waiting, w => Assert.True(w.IsCanceled));
        Assert.False(next.IsCompleted);
        first!.Dispose();
        using var turn = await next.WaitAsync(Limit, Ct);
        Assert.NotNull(turn);
    }
}
