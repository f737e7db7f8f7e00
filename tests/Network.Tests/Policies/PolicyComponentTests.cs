using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Network.Nft;
using Sealos.Network.Policies;
using Sealos.Network_Tests.Services;
using Xunit;

namespace Sealos.Network_Tests.Policies;

/// <summary>The component on a machine whose kernel takes no table.</summary>
public sealed class PolicyComponentTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Admit_WhenTablesCannotBeBuilt_FailsAndLeavesNobodyWaiting()
    {
        await using var api = await FakeKubeApi.StartAsync();
        var informers = new InformerFactory(api.Client(), NullLoggerFactory.Instance);
        var refusing = new HostCommands("false");
        using var component = new PolicyComponent(new PolicyOptions { Instance = "refused" }, informers, refusing, TimeProvider.System, NullLoggerFactory.Instance);
        await component.StartAsync(Ct);
        informers.Start();
        var pod = new Pod { Metadata = new ObjectMeta { Name = "a", Namespace = "x", Uid = "1" } };

        var admission = component.AdmitAsync(pod, IPAddress.Parse("10.62.0.9"), Ct).WaitAsync(TimeSpan.FromSeconds(60), Ct);

        await Assert.ThrowsAsync<HostCommandException>(() => admission);
        await component.StopAsync(Ct);
        await informers.DisposeAsync();
    }
}
