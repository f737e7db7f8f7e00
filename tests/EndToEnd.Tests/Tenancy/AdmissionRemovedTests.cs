using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>Without the component that judges, workspaces are closed, and a server that was killed judges again.</summary>
[Collection(RoughCollection.Name)]
public sealed class AdmissionRemovedTests(CloudFixture fixture)
{
    private const string Map = """{"metadata":{"generateName":"m-"}}""";

    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Removed_WorkspacesAreClosed_AndOpenAgainWhenItIsBack()
    {
        await using var tenant = await Tenant.CreateAsync(_cloud, "gate-closed");
        var maps = $"/api/v1/namespaces/{tenant.Namespace}/configmaps";
        Assert.Null(await tenant.TryAsync(HttpMethod.Post, maps, Map));

        await _cloud.SealosAsync(["component", "remove", "admission", "--cascade", "--yes"], Ct).OutputAsync();
        var refused = await tenant.TryAsync(HttpMethod.Post, maps, Map);
        Assert.Contains("failed calling webhook \"workspaces.tenancy.sealos.io\"", refused?.Message, StringComparison.Ordinal);
        Assert.Contains("failed calling webhook", (await tenant.TryAsync(HttpMethod.Delete, "/api/v1/namespaces/" + tenant.Namespace))?.Message, StringComparison.Ordinal);
        Assert.Null(await tenant.TryAsOperatorAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", Map));

        await _cloud.SealosAsync(["component", "add", "launchpad"], Ct).OutputAsync();
        Assert.Null(await tenant.TryAsync(HttpMethod.Post, maps, Map));

        await LinuxProcess.KillAsync(await _cloud.PidAsync("server", Ct), Ct);
        await _cloud.UpAsync(Ct).OutputAsync();
        await Eventually.TrueAsync("the next server judges", async () => await tenant.TryAsync(HttpMethod.Post, maps, Map) is null, ct: Ct);
        Assert.Equal(403, (await tenant.TryAsync(HttpMethod.Delete, "/api/v1/namespaces/" + tenant.Namespace))?.Code);
    }
}
