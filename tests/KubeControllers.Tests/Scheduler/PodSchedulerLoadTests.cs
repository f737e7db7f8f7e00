using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.KubeControllers;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Scheduler;

public sealed class PodSchedulerLoadTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pods_ThousandAtOnce_AreAllBoundInSeconds()
    {
        await using var server = await TestServer.StartAsync(Ct);
        await FakeNodeAgent.RegisterAsync(server.Client, "n1", Ct);
        await using var controllers = new KubeControllersComponent(new KubeControllersOptions { RootCertificatePem = server.RootPem }, server.Client, server.Loggers, TimeProvider.System);
        await controllers.StartAsync(Ct);
        await using var informers = new InformerFactory(server.Client, server.Loggers);
        var pods = informers.For<Pod>();
        informers.Start();

        await server.Client.CreateAsync(Make.Deployment("default", "web", 1000), Ct);

        await EventuallyAsync(
            () =>
            {
                Assert.Equal(1000, pods.List().Count(p => p.Spec?.NodeName == "n1"));
                return Task.CompletedTask;
            },
            seconds: 60);
        Assert.Equal(1000, pods.List().Count);
    }
}
