using Sealos.Network.Nft;
using Xunit;

namespace Sealos.Network_Tests.Nft;

public sealed class InstanceNamesTests
{
    [Fact]
    public void Names_CarryTheInstance_AndFitTheKernel()
    {
        var names = new InstanceNames("sealos");
        Assert.Equal("ip sealos-services", names.ServiceTable.ToString());
        Assert.Equal("sealos-svc", names.Link);

        var first = new InstanceNames("a-rather-long-name-for-a-cloud-1");
        var second = new InstanceNames("a-rather-long-name-for-a-cloud-2");
        Assert.InRange(first.Link.Length, 1, 15);
        Assert.NotEqual(first.Link, second.Link);
        Assert.NotEqual(first.Link, first.LinkPeer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData("a;flush ruleset")]
    [InlineData("a-name-of-more-than-thirty-two-letters")]
    public void Name_ThatCouldBreakAScript_IsRefused(string instance)
    {
        var error = Assert.Throws<ArgumentException>(() => new InstanceNames(instance));
        Assert.Contains($"'{instance}'", error.Message, StringComparison.Ordinal);
    }
}
