using System.Text.Json.Nodes;
using Sealos.ApiServer.Printing;
using Xunit;

namespace Sealos.ApiServer.Tests.Printing;

public sealed class HumanDurationTests
{
    private const int Minute = 60;
    private const int Hour = 3600;
    private const int Day = 86400;
    private const int Year = 365 * Day;

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData((2 * Minute) + 5, "2m5s")]
    [InlineData((9 * Minute) + 59, "9m59s")]
    [InlineData((10 * Minute) + 5, "10m")]
    [InlineData((2 * Hour) + (59 * Minute), "179m")]
    [InlineData(3 * Hour, "3h")]
    [InlineData((7 * Hour) + (59 * Minute), "7h59m")]
    [InlineData((8 * Hour) + (30 * Minute), "8h")]
    [InlineData(47 * Hour, "47h")]
    [InlineData(2 * Day, "2d")]
    [InlineData((7 * Day) + (23 * Hour), "7d23h")]
    [InlineData((8 * Day) + (5 * Hour), "8d")]
    [InlineData(2 * Year, "2y")]
    [InlineData((3 * Year) + (10 * Day), "3y10d")]
    [InlineData(8 * Year, "8y")]
    public void Format_Duration_HasTheUnitsThatMatter(int seconds, string text) => Assert.Equal(text, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Since_Nothing_IsUnknown() => Assert.Equal("<unknown>", HumanDuration.Since(JsonValue.Create("soon"), DateTimeOffset.UnixEpoch));
}
