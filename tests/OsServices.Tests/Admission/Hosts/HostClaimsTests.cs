using Sealos.OsServices.Admission.Hosts;
using Sealos.OsServices_Tests.Support;
using Xunit;

namespace Sealos.OsServices_Tests.Admission.Hosts;

public sealed class HostClaimsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_OutsideTheDomain_IsProvenByTheWorkspacesOwnToken_AndNoWorkspaceHasTooMany()
    {
        await using var api = await TestApi.StartAsync(Ct);
        await HostClaim.Definition.EnsureAsync(api.Client, Ct);
        var proof = new Aliases();
        var count = 0;
        var claims = new HostClaims(new HostClaimParts(api.Client, proof, "cloud.example.com", TimeProvider.System)
        {
            Key = () => new byte[32],
            IsUsedElsewhere = (_, _) => false,
            CountOf = _ => count,
            HostsPerWorkspace = 2,
        });
        var (mine, own) = (new HostWant("web.cloud.example.com", "ns-ada", false, false), new HostWant("shop.example.org", "ns-ada", true, false));

        Assert.Null(await claims.TakeAsync(mine, Ct));
        Assert.StartsWith("40301:", (await claims.TakeAsync(mine with { Namespace = "ns-bob" }, Ct))?.Message, StringComparison.Ordinal);

        // A host of the workspace may have been another's, whose domain still leads to it.
        foreach (var alias in new[] { "web.cloud.example.com", "cloud.example.com", claims.TokenOf("ns-bob") + ".cloud.example.com" })
        {
            proof.Alias = alias;
            Assert.StartsWith("40300:", (await claims.TakeAsync(own, Ct))?.Message, StringComparison.Ordinal);
        }

        proof.Alias = claims.TokenOf("ns-ada") + ".cloud.example.com";
        Assert.Null(await claims.TakeAsync(own, Ct));

        count = 2;
        Assert.Contains("the most a workspace may have", (await claims.TakeAsync(mine with { Host = "more.cloud.example.com" }, Ct))?.Message, StringComparison.Ordinal);
        Assert.Null(await claims.TakeAsync(mine, Ct));
    }

    private sealed class Aliases : IHostProof
    {
        public string? Alias { get; set; }

        public Task<IReadOnlyList<string>> TextsAsync(string name, CancellationToken ct) => Task.FromResult<IReadOnlyList<string>>([]);

        public Task<string?> AliasAsync(string name, CancellationToken ct) => Task.FromResult(Alias);
    }
}
