using Sealos.Objects.Meta;

namespace Sealos.Objects.Tests.Meta;

public sealed class IntOrStringTests
{
    [Theory]
    [InlineData("25%", 10, true, 3)]
    [InlineData("25%", 10, false, 2)]
    [InlineData("0%", 10, true, 0)]
    [InlineData("100%", 7, false, 7)]
    public void Scale_Percentage_IsRoundedAsAsked(string percent, int total, bool roundUp, int expected) =>
        Assert.Equal(expected, ((IntOrString)percent).Scale(total, roundUp));

    [Fact]
    public void Scale_Number_IsItself() => Assert.Equal(4, ((IntOrString)4).Scale(10, roundUp: true));

    [Fact]
    public void Scale_AnyOtherText_IsRefused() => Assert.Throws<FormatException>(() => ((IntOrString)"http").Scale(10, roundUp: true));
}
