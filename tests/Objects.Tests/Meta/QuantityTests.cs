using Sealos.Objects.Meta;

namespace Sealos.Objects.Tests.Meta;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.5", "500m")]
    [InlineData("1000m", "1")]
    [InlineData("1500m", "1500m")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1025.5Ki", "1050112")]
    [InlineData("0.5Ki", "512")]
    [InlineData("100k", "100k")]
    [InlineData("1000k", "1M")]
    [InlineData("123456", "123456")]
    [InlineData("1e3", "1e3")]
    [InlineData("12e6", "12e6")]
    [InlineData("1E", "1E")]
    [InlineData("0.000000001", "1n")]
    [InlineData("0.0000000001", "1n")]
    [InlineData("-1.5", "-1500m")]
    [InlineData("+2", "2")]
    [InlineData(".5", "500m")]
    [InlineData("8Ei", "8Ei")]
    [InlineData(".1Gi", "107374182400m")]
    [InlineData("1.0000000001Ki", "1024000000103n")]
    [InlineData("100E", "100E")]
    public void ToCanonicalString_IsTheSpellingKubernetesStores(string text, string canonical)
    {
        var quantity = Quantity.Parse(text);

        Assert.Equal(canonical, quantity.ToCanonicalString());
        Assert.Equal(canonical, Quantity.Parse(canonical).ToCanonicalString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 Gi")]
    [InlineData("1gi")]
    [InlineData("1KI")]
    [InlineData("abc")]
    [InlineData("1,5")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e")]
    [InlineData("--1")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Quantity.TryParse(text, out _));

    [Theory]
    [InlineData("99999999999999999999999999Ei", "1000E")]
    [InlineData("7e28", "1000E")]
    [InlineData("-1001E", "-1000E")]
    public void Parse_MoreThanCanBeAdded_IsTheGreatestThereIs(string text, string canonical)
    {
        var quantity = Quantity.Parse(text);
        Assert.Equal(canonical, quantity.ToString());
        Assert.Equal(quantity.Value < 0 ? -long.MaxValue : long.MaxValue, quantity.MilliValue);
        Assert.Equal(2 * quantity.Value, quantity.Plus(quantity).Value);
    }

    [Fact]
    public void Equals_DifferentSpellings_AreEqual()
    {
        Assert.Equal(Quantity.Parse("1"), Quantity.Parse("1000m"));
        Assert.Equal(Quantity.Parse("1Gi").GetHashCode(), Quantity.Parse("1024Mi").GetHashCode());
        Assert.True(Quantity.Parse("500m").CompareTo(Quantity.Parse("1")) < 0);
    }

    [Fact]
    public void LongValue_Fraction_IsRoundedUp()
    {
        Assert.Equal(2, Quantity.Parse("1500m").LongValue);
        Assert.Equal(1500, Quantity.Parse("1.5").MilliValue);
    }
}
