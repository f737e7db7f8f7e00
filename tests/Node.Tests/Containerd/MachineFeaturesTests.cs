using Sealos.Node.Containerd;
using Xunit;

namespace Sealos.Node.Tests.Containerd;

public sealed class MachineFeaturesTests
{
    [Theory]
    [InlineData("Name:\tx\nCapEff:\t000001fffeffffff\n", false)]
    [InlineData("Name:\tx\nCapEff:\t000001ffffffffff\n", true)]
    [InlineData("Name:\tx\n", false)]
    public void HasCapability_Status_LooksAtTheEffectiveSet(string status, bool expected) => Assert.Equal(expected, MachineFeatures.HasCapability(status, 24));
}
