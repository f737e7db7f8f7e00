using Sealos.Kinds.Core;
using Sealos.Node.Registration;
using Xunit;

namespace Sealos.Node.Tests.Registration;

public sealed class NodeChangesTests
{
    [Fact]
    public void NewNode_TellsAllOfItself_AndNothingAgain()
    {
        var status = Status(("MemoryPressure", "False"), ("DiskPressure", "False"), ("PIDPressure", "False"), ("Ready", "True"));
        Assert.Equal(["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady"], NodeChanges.Between(null, status));
        Assert.Empty(NodeChanges.Between(status, status));
    }

    [Theory]
    [InlineData("MemoryPressure", "False", "True", "NodeHasInsufficientMemory")]
    [InlineData("DiskPressure", "False", "True", "NodeHasDiskPressure")]
    [InlineData("PIDPressure", "False", "True", "NodeHasInsufficientPID")]
    [InlineData("Ready", "True", "False", "NodeNotReady")]
    [InlineData("Ready", "Unknown", "True", "NodeReady")]
    public void Condition_ThatTurns_IsTold(string type, string before, string after, string reason) =>
        Assert.Equal([reason], NodeChanges.Between(Status((type, before), ("Other", "True")), Status((type, after), ("Other", "False"))));

    [Fact]
    public void AnotherBoot_IsNoticed_AndTheFirstIsNone()
    {
        var (one, two) = (new NodeStatus { NodeInfo = new NodeSystemInfo { BootID = "1" } }, new NodeStatus { NodeInfo = new NodeSystemInfo { BootID = "2" } });
        Assert.True(NodeChanges.IsRebooted(one, two));
        Assert.False(NodeChanges.IsRebooted(one, one));
        Assert.False(NodeChanges.IsRebooted(null, two));
    }

    private static NodeStatus Status(params (string Type, string Status)[] conditions) =>
        new() { Conditions = [.. conditions.Select(c => new NodeCondition { Type = c.Type, Status = c.Status })] };
}
