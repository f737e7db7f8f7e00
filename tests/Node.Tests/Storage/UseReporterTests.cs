using Sealos.Node.Storage;
using Xunit;

namespace Sealos.Node.Tests.Storage;

public sealed class UseReporterTests
{
    private const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData(null, 0, "0Mi")]
    [InlineData("0Mi", 1, null)]
    [InlineData("0Mi", 5, "5Mi")]
    [InlineData("50Mi", 46, null)]
    [InlineData("50Mi", 45, "45Mi")]
    [InlineData("50Mi", 50, null)]
    [InlineData("not a size", 50, "50Mi")]
    [InlineData("88Mi", 90, "90Mi")]
    [InlineData("91Mi", 89, "89Mi")]
    [InlineData("100Mi", 101, null)]
    [InlineData("100Mi", 180, "180Mi")]
    [InlineData("-1", 0, "0Mi")]
    [InlineData("9223372036854775807", 50, "50Mi")]
    [InlineData("-9223372036854775808", 50, "50Mi")]
    public void TextFor_Use_IsWrittenOnlyWhereItDiffersMuchOrIsNearlyAll(string? told, long used, string? expected) =>
        Assert.Equal(expected, UseReporter.TextFor(told, new VolumeRoom(100 * Mebibyte, used * Mebibyte, (100 - used) * Mebibyte)));

    // Their owner writes what they like there; this and what an empty volume holds differ by the one number that has no absolute value.
    [Fact]
    public void TextFor_SizeBelowNothing_IsAsGoodAsNone() => Assert.Equal("1Mi", UseReporter.TextFor("-9223372036854759424", new VolumeRoom(100 * Mebibyte, 16384, 99 * Mebibyte)));

    [Fact]
    public void TextFor_PartOfAMebibyte_IsAWholeOne() => Assert.Equal("1Mi", UseReporter.TextFor(null, new VolumeRoom(100 * Mebibyte, 4096, 99 * Mebibyte)));
}
