using Sealos.Network.Nft;
using Sealos.Network.Services;
using Xunit;

namespace Sealos.Network_Tests.Nft;

public sealed class TableStateTests
{
    [Fact]
    public void Listing_GivesElementsAsTheScriptsSpellThem_AndTheServicesOwnChainsAndSets()
    {
        const string Listing = """
            {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "ip", "name": "t"}},
              {"map": {"name": "many", "map": "verdict", "elem": [
                [{"concat": ["1.2.3.4", "udp", 53]}, {"drop": null}], [{"concat": ["1.2.3.4", "tcp", 80]}, {"goto": {"target": "svc-a"}}]]}},
              {"map": {"name": "single", "map": "ipv4_addr . inet_service", "elem": [[{"concat": ["1.2.3.5", "tcp", 80]}, {"concat": ["1.2.3.6", 8080]}]]}},
              {"map": {"name": "empty", "map": "verdict"}},
              {"set": {"name": "cluster-ips", "elem": ["1.2.3.4"]}},
              {"set": {"name": "aff-1", "flags": ["timeout"], "elem": [{"elem": {"val": "10.1.1.1", "timeout": 10, "expires": 4}}]}},
              {"chain": {"name": "refuse"}}, {"chain": {"name": "svc-a"}}, {"rule": {"chain": "svc-a", "expr": []}}]}
            """;
        var state = TableState.Parse(Listing, ServiceTable.Variable)!;
        Assert.Equal(
            new Dictionary<ElementKey, string?>
            {
                [new("many", "1.2.3.4 . udp . 53")] = "drop",
                [new("many", "1.2.3.4 . tcp . 80")] = "goto svc-a",
                [new("single", "1.2.3.5 . tcp . 80")] = "1.2.3.6 . 8080",
                [new("cluster-ips", "1.2.3.4")] = null,
            },
            state.Elements);
        Assert.Equal(["svc-a"], state.Chains);
        Assert.Equal(["aff-1"], state.Sets);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"nftables": [{"set": {"elem": []}}]}""")]
    [InlineData("""{"nftables": [{"map": {"name": "m", "map": "verdict", "elem": ["x"]}}]}""")]
    [InlineData("""{"nftables": [{"set": {"name": "s", "elem": [{"range": ["1.2.3.4", "1.2.3.5"]}]}}]}""")]
    public void Listing_OfAnotherForm_IsNotTakenOver(string listing) => Assert.Null(TableState.Parse(listing, ServiceTable.Variable));
}
