using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Fairness;
using Sealos.ApiServer.Http;
using Xunit;

namespace Sealos.ApiServer.Tests.Fairness;

public sealed class FairGateTests
{
    private static readonly FairGateOptions Small = new() { Seats = 4, SeatsAFlow = 3, WaitingAFlow = 2, Waiting = 100, Patience = TimeSpan.FromSeconds(10), OpenAFlow = 2 };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flow_ThatAsksForAll_LeavesSeatsToOthers()
    {
        var gate = new FairGate(Small, TimeProvider.System);
        for (var i = 0; i < 3; i++)
        {
            await gate.EnterAsync("greedy", Ct);
        }

        var fourth = gate.EnterAsync("greedy", Ct);

        Assert.False(fourth.IsCompleted);
        Assert.True(gate.EnterAsync("modest", Ct).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Waiters_GetSeatsInTurn_FlowByFlow()
    {
        var gate = new FairGate(Small with { WaitingAFlow = 10, SeatsAFlow = 4 }, TimeProvider.System);
        var seats = new Queue<FairGate.Seat>();
        for (var i = 0; i < 4; i++)
        {
            seats.Enqueue(await gate.EnterAsync("greedy", Ct));
        }

        var order = new List<string>();
        var waiting = new List<Task>();
        foreach (var flow in (string[])["greedy", "greedy", "greedy", "modest"])
        {
            waiting.Add(WaitAsync(flow));
        }

        while (seats.TryDequeue(out var seat))
        {
            var before = order.Count;
            seat.Dispose();
            await UntilAsync(() => order.Count > before || waiting.TrueForAll(w => w.IsCompleted));
        }

        await Task.WhenAll(waiting);
        Assert.Equal(["greedy", "modest", "greedy", "greedy"], order);

        async Task WaitAsync(string flow)
        {
            await gate.EnterAsync(flow, Ct);
            lock (order)
            {
                order.Add(flow);
            }
        }
    }

    [Fact]
    public async Task Flow_WithTooManyWaiting_IsToldToComeAgain()
    {
        var gate = new FairGate(Small, TimeProvider.System);
        for (var i = 0; i < 3; i++)
        {
            await gate.EnterAsync("greedy", Ct);
        }

        _ = gate.EnterAsync("greedy", Ct);
        _ = gate.EnterAsync("greedy", Ct);

        var refusal = await Assert.ThrowsAsync<ApiException>(() => gate.EnterAsync("greedy", Ct).AsTask());

        Assert.Equal((429, "TooManyRequests", 1), (refusal.Code, refusal.Reason, refusal.Details!.RetryAfterSeconds));
    }

    [Fact]
    public async Task Waiter_WhoseClientGoes_MakesRoom()
    {
        var gate = new FairGate(Small with { WaitingAFlow = 1 }, TimeProvider.System);
        var held = new List<FairGate.Seat>();
        for (var i = 0; i < 3; i++)
        {
            held.Add(await gate.EnterAsync("greedy", Ct));
        }

        using var gone = new CancellationTokenSource();
        var left = gate.EnterAsync("greedy", gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        var next = gate.EnterAsync("greedy", Ct).AsTask();
        held[0].Dispose();
        await next.WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }

    [Fact]
    public async Task Waiter_WithoutPatienceLeft_IsToldToComeAgain()
    {
        var gate = new FairGate(Small with { Patience = TimeSpan.FromMilliseconds(20) }, TimeProvider.System);
        for (var i = 0; i < 3; i++)
        {
            await gate.EnterAsync("greedy", Ct);
        }

        Assert.Equal(429, (await Assert.ThrowsAsync<ApiException>(() => gate.EnterAsync("greedy", Ct).AsTask())).Code);
    }

    [Fact]
    public async Task WideRequest_TakesSeveralSeats_AndIsNotPassedByNarrowOnes()
    {
        var gate = new FairGate(Small, TimeProvider.System);
        var wide = await gate.EnterAsync("a", Ct, width: 3);
        var narrow = await gate.EnterAsync("b", Ct);
        var next = gate.EnterAsync("c", Ct, width: 2).AsTask();
        var last = gate.EnterAsync("d", Ct).AsTask();

        narrow.Dispose();
        Assert.False(next.IsCompleted || last.IsCompleted);
        wide.Dispose();
        await Task.WhenAll(next, last).WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.False(gate.EnterAsync("e", Ct, width: 2).IsCompleted);
    }

    [Fact]
    public async Task WiderThanAFlowsShare_TakesAllOfIt()
    {
        var gate = new FairGate(Small, TimeProvider.System);
        await gate.EnterAsync("greedy", Ct, width: 100);
        Assert.False(gate.EnterAsync("greedy", Ct).IsCompleted);
        Assert.True(gate.EnterAsync("modest", Ct).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task RestingRequest_GivesItsSeatAway_AndCountsAsOpen()
    {
        var gate = new FairGate(Small with { OpenAFlow = 1 }, TimeProvider.System);
        var resting = gate.Rest(await gate.EnterAsync("slow", Ct, width: 3))!.Value;
        var second = await gate.EnterAsync("slow", Ct, width: 3);
        Assert.Null(gate.Rest(second));
        Assert.Throws<ApiException>(() => gate.Open("slow"));
        resting.Dispose();
        Assert.NotNull(gate.Rest(second));
        Assert.True(gate.EnterAsync("slow", Ct, width: 3).IsCompletedSuccessfully);
    }

    [Fact]
    public void Watches_BeyondTheLimit_AreRefusedUntilOneEnds()
    {
        var gate = new FairGate(Small, TimeProvider.System);
        var first = gate.Open("greedy");
        gate.Open("greedy");

        Assert.Equal(429, Assert.Throws<ApiException>(() => gate.Open("greedy")).Code);
        gate.Open("modest");
        first.Dispose();
        gate.Open("greedy");
    }

    [Fact]
    public async Task Seats_UnderACrowd_AreNeverGivenTwiceAndAllComeBack()
    {
        var gate = new FairGate(Small with { WaitingAFlow = 10_000, Waiting = 10_000, Patience = TimeSpan.FromMinutes(1) }, TimeProvider.System);
        var (running, most) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(
            async () =>
            {
                using var seat = await gate.EnterAsync($"flow {i % 7}", Ct);
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Decrement(ref running);
            },
            Ct)));

        Assert.InRange(most, 1, 4);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(gate.EnterAsync("flow 1", Ct).IsCompletedSuccessfully);
        }
    }

    [Theory]
    [InlineData("alice", null, "team", "user alice")]
    [InlineData("system:serviceaccount:team:robot", null, "team", "namespace team")]
    [InlineData("system:serviceaccount:user-system:alice", null, "ns-alice", "user system:serviceaccount:user-system:alice")]
    [InlineData("system:serviceaccount:team:robot", null, null, "namespace team")]
    [InlineData("system:kube-scheduler", null, "team", null)]
    [InlineData("system:node:n1", "system:nodes", "team", null)]
    [InlineData("admin", "system:masters", "team", null)]
    public void Flow_OfAUser_IsTheirOwnOrTheirNamespaces(string user, string? group, string? ns, string? flow)
    {
        var info = new RequestInfo { Verb = "get", Path = "/x", Plural = "pods", Namespace = ns };

        Assert.Equal(flow, new Flows("user-system").Of(new UserInfo(user, null, group is null ? [] : [group], UserInfo.NoExtra), info));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int known;
        while ((known = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, known) != known)
        {
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!isSo())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
