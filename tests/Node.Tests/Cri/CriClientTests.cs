using Sealos.Node.Cri;
using Sealos.Node.Tests.Pods;
using Xunit;

namespace Sealos.Node.Tests;

public sealed class CriClientTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_Refused_CarriesCodeAndMessage()
    {
        using var folder = new TemporaryFolder();
        await using var fake = await FakeContainerd.StartAsync(folder.Path, Ct);
        using var client = new CriClient(fake.Socket, TimeProvider.System);
        fake.Failures["PullImage"] = (2, "failed: 50% done\nünd");

        var notFound = await Assert.ThrowsAsync<CriException>(() => client.ContainerStatusAsync("nobody", Ct));
        var failed = await Assert.ThrowsAsync<CriException>(() => client.PullImageAsync("x", null, null, Ct));

        Assert.True(notFound.IsNotFound);
        Assert.Equal((GrpcCode.Unknown, "failed: 50% done\nünd", "PullImage"), (failed.Code, failed.Message, failed.Method));
    }

    [Fact]
    public async Task Call_NobodyListens_IsUnavailable()
    {
        using var client = new CriClient("/nowhere.sock", TimeProvider.System);

        Assert.True((await Assert.ThrowsAsync<CriException>(() => client.VersionAsync(Ct))).IsUnavailable);
    }

    [Fact]
    public async Task WatchExits_Subscribed_SaysSoBeforeAnythingHappens()
    {
        using var folder = new TemporaryFolder();
        await using var fake = await FakeContainerd.StartAsync(folder.Path, Ct);
        using var client = new CriClient(fake.Socket, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var subscribed = new TaskCompletionSource();

        var watching = Task.Run(
            async () =>
            {
                await foreach (var id in client.WatchExitsAsync(subscribed.SetResult, stop.Token))
                {
                    Assert.Fail($"nothing ended, but {id} came");
                }
            },
            Ct);
        await subscribed.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }
}
