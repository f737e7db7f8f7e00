using Sealos.Node.Volumes;
using Xunit;

namespace Sealos.Node.Tests.Volumes;

public sealed class VolumeGroupTests
{
    [Theory]
    [InlineData(0b110_000_000, false, true, 0b110_100_000)]
    [InlineData(0b110_000_000, false, false, 0b110_110_000)]
    [InlineData(0b111_101_101, true, true, 0b10_111_101_101)]
    [InlineData(0b111_111_111, true, false, 0b10_111_111_111)]
    public void Shared_Mode_GainsTheGroup(int mode, bool isFolder, bool isReadOnly, int expected)
    {
        Assert.Equal((UnixFileMode)expected, VolumeGroup.Shared((UnixFileMode)mode, isFolder, isReadOnly));
    }
}
