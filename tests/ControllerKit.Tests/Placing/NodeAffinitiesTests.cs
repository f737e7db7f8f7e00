using Sealos.ControllerKit.Placing;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Xunit;

namespace Sealos.ControllerKit_Tests.Placing;

public sealed class NodeAffinitiesTests
{
    [Theory]
    [InlineData("disk", "ssd", true)]
    [InlineData("disk", "hdd", false)]
    [InlineData("bare", "", true)]
    [InlineData("bare", null, true)]
    [InlineData("missing", "", false)]
    [InlineData("missing", null, false)]
    public void Allows_NodeSelector_WantsALabelThatIsThere(string key, string? value, bool expected)
    {
        var node = new Node { Metadata = new ObjectMeta { Name = "n", Labels = new() { ["disk"] = "ssd", ["bare"] = "" } } };
        var spec = new PodSpec { NodeSelector = new() { [key] = value! } };

        Assert.Equal(expected, NodeAffinities.Allows(spec, node));
    }
}
