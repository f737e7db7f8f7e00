using Sealos.Host.Running;
using Xunit;

namespace Sealos.Host.Tests.Running;

public sealed class MemoryKeeperTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(20, 60, false)]
    [InlineData(20, 64, true)]
    [InlineData(60, 88, false)]
    [InlineData(60, 90, true)]
    [InlineData(300, 449, false)]
    [InlineData(300, 450, true)]
    public void Collection_HeapGrownByHalfAndNotSmall_IsWorthwhile(long kept, long held, bool expected) =>
        Assert.Equal(expected, MemoryKeeper.IsWorthwhile(kept * MiB, held * MiB));
}
