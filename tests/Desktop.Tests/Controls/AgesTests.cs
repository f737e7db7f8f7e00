using Sealos.Desktop.Controls;
using Xunit;

namespace Sealos.Desktop_Tests.Controls;

public sealed class AgesTests
{
    [Theory]
    [InlineData(3, "just now")]
    [InlineData(59, "59 seconds ago")]
    [InlineData(60, "1 minute ago")]
    [InlineData(7199, "1 hour ago")]
    [InlineData(86400 * 3, "3 days ago")]
    [InlineData(86400 * 90, "2 months ago")]
    public void Words_SayTheLargestUnit(int seconds, string words) => Assert.Equal(words, Ages.Words(TimeSpan.FromSeconds(seconds)));
}
