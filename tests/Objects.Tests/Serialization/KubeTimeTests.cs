using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Serialization;

public sealed class KubeTimeTests
{
    [Theory]
    [InlineData("2026-11-22T02:49:33Z", "2026-11-22T02:49:33Z")]
    [InlineData("2026-11-22T04:49:33+02:00", "2026-11-22T02:49:33Z")]
    [InlineData("2026-11-22T02:49:33.987654321Z", "2026-11-22T02:49:33Z")]
    public void TryParse_Rfc3339_IsReadAsUtc(string text, string expected)
    {
        Assert.True(KubeTime.TryParse(text, out var time));
        Assert.Equal(expected, KubeTime.Format(time));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-22")]
    [InlineData("2026-11-22T02:49:33")]
    [InlineData("2026-13-22T02:49:33Z")]
    [InlineData("22 Nov 2026 02:49:33 GMT")]
    [InlineData(null)]
    public void TryParse_AnythingElse_IsRefused(string? text) => Assert.False(KubeTime.TryParse(text, out _));

    [Fact]
    public void FormatMicro_HasSixDigits()
    {
        Assert.True(KubeTime.TryParse("2026-11-22T02:49:33.1234567Z", out var time));
        Assert.Equal("2026-11-22T02:49:33.123456Z", KubeTime.FormatMicro(time));
    }
}
