using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.Network.PodNetwork;
using Xunit;

namespace Sealos.Network_Tests.PodNetwork;

public sealed class CniConfigTests
{
    [Fact]
    public void Config_NamesTheInstanceAndItsRange()
    {
        var options = new PodNetworkOptions { Instance = "blue", PodRange = IPNetwork.Parse("10.99.0.0/20"), AddressFolder = "/run/blue" };
        var config = JsonNode.Parse(CniConfig.Render(options, 1400))!;
        var link = config["plugins"]![0]!;
        Assert.Equal("blue-pods", (string?)config["name"]);
        Assert.Equal("ptp", (string?)link["type"]);
        Assert.Equal(1400, (int?)link["mtu"]);
        Assert.False((bool?)link["ipMasq"]);
        Assert.Equal("/run/blue", (string?)link["ipam"]!["dataDir"]);
        Assert.Equal("""{"subnet":"10.99.0.0/20","gateway":"10.99.0.1"}""", link["ipam"]!["ranges"]![0]![0]!.ToJsonString());
        Assert.Null(JsonNode.Parse(CniConfig.Render(options, null))!["plugins"]![0]!["mtu"]);
    }

    [Theory]
    [InlineData("10.208.0.0/16", "10.208.128.0/17", "10.208.128.10", "overlap")]
    [InlineData("10.208.0.0/16", "10.209.0.0/16", "10.210.0.10", "DNS address 10.210.0.10 is outside")]
    [InlineData("fd00::/64", "10.209.0.0/16", "10.209.0.10", "IPv6 is not supported yet")]
    [InlineData("10.208.0.0/16", "10.209.0.0/30", "10.209.0.1", "between /8 and /28")]
    public void Options_ThatCannotWork_AreNamed(string pods, string services, string dns, string expected)
    {
        var options = new PodNetworkOptions { PodRange = IPNetwork.Parse(pods), ServiceRange = IPNetwork.Parse(services), DnsAddress = IPAddress.Parse(dns) };
        var error = Assert.Throws<ArgumentException>(() => new PodNetworkComponent(options, TimeProvider.System, NullLoggerFactory.Instance));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_ThatAreMissing_AreNamed()
    {
        var component = new PodNetworkComponent(new PodNetworkOptions { PluginFolders = ["/nonexistent"] }, TimeProvider.System, NullLoggerFactory.Instance);
        var error = await Assert.ThrowsAsync<FileNotFoundException>(() => component.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("'ptp'", error.Message, StringComparison.Ordinal);
    }
}
