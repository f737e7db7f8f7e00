using Sealos.KubeControllers.Nodes;
using Xunit;

namespace Sealos.KubeControllers_Tests.Nodes;

public sealed class PodRangesTests
{
    [Fact]
    public void Next_TakesTheFirstThatIsFree()
    {
        var ranges = new PodRanges("10.208.0.0/16", 20);

        Assert.Equal("10.208.0.0/20", ranges.Next([]));
        Assert.Equal("10.208.16.0/20", ranges.Next(["10.208.0.0/20", "10.208.32.0/20"]));
        Assert.Equal("10.208.48.0/20", ranges.Next(["10.208.0.0/20", "10.208.17.0/24", "10.208.32.0/20"]));
    }

    [Fact]
    public void Next_AllTaken_IsNull() => Assert.Null(new PodRanges("10.0.0.0/29", 30).Next(["10.0.0.0/30", "10.0.0.4/30"]));

    [Theory]
    [InlineData("fd00::/16", 20)]
    [InlineData("10.0.0.0/16", 15)]
    [InlineData("10.0.0.0/16", 31)]
    [InlineData("nonsense", 20)]
    public void New_BadRange_IsRefused(string range, int prefix) => Assert.Throws<FormatException>(() => new PodRanges(range, prefix));
}
