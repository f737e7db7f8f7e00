using Sealos.Host.Configuration;
using Xunit;

namespace Sealos.Host.Tests.Configuration;

public sealed class CloudOptionsTests
{
    [Theory]
    [InlineData("5m", 300)]
    [InlineData("10s", 10)]
    [InlineData("24h", 86400)]
    public void History_OfASaneLength_IsTaken(string text, int seconds)
    {
        var options = new CloudOptions { History = text };

        Assert.Empty(options.Validate());
        Assert.Equal(TimeSpan.FromSeconds(seconds), options.HistoryKept);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("9s")]
    [InlineData("25h")]
    [InlineData("-5m")]
    [InlineData("5m\n")]
    [InlineData("99999999999h")]
    public void History_OfAnotherLength_IsRefused(string text) =>
        Assert.Equal([$"--history: '{text}' must be a time from 10s to 24h, such as 90s, 5m or 1h"], new CloudOptions { History = text }.Validate());
}
