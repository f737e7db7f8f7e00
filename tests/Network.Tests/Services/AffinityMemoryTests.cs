using Sealos.Network.Services;
using Xunit;

namespace Sealos.Network_Tests.Services;

public sealed class AffinityMemoryTests
{
    [Fact]
    public void Listing_GivesTheClientsOfWantedSets_WithTheTimeTheyHaveLeft()
    {
        const string Listing = """
            {"nftables": [{"metainfo": {"version": "1.0.6"}},
              {"set": {"family": "ip", "name": "cluster-ips", "table": "t", "type": "ipv4_addr", "elem": ["10.209.0.20"]}},
              {"set": {"family": "ip", "name": "aff-1", "table": "t", "flags": ["timeout"], "elem": [
                {"elem": {"val": "10.1.1.1", "timeout": 10, "expires": 4}}, {"elem": {"val": "10.1.1.2", "timeout": 10, "expires": 0}}]}},
              {"set": {"family": "ip", "name": "aff-2", "table": "t"}},
              {"set": {"family": "ip", "name": "aff-3", "table": "t", "elem": [{"elem": {"val": "10.1.1.3", "timeout": 10, "expires": 4}}]}}]}
            """;
        var clients = AffinityMemory.Parse(Listing, new HashSet<string> { "aff-1", "aff-2" });
        Assert.Equal([new PlanElement(new ElementKey("aff-1", "10.1.1.1 timeout 10s expires 4s"), null)], clients);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"nftables": [{"set": {"name": "aff-1", "elem": [{"elem": {"val": {}, "timeout": "x", "expires": 4}}]}}]}""")]
    public void Listing_OfAnotherForm_GivesNone(string listing) => Assert.Empty(AffinityMemory.Parse(listing, new HashSet<string> { "aff-1" }));
}
