using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Nodes;
using Xunit;

namespace Sealos.KubeControllers_Tests.Nodes;

public sealed class NodeTaintsTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("True", "")]
    [InlineData("False", "node.kubernetes.io/not-ready")]
    [InlineData("Unknown", "node.kubernetes.io/unreachable")]
    [InlineData(null, "node.kubernetes.io/not-ready")]
    public void Wanted_Readiness_DecidesTheTaint(string? ready, string expected)
    {
        var taints = NodeTaints.Wanted(Node(("Ready", ready)), mayEvict: false, Now) ?? [];

        Assert.Equal(expected, string.Join(',', taints.Select(t => t.Key)));
        Assert.All(taints, t => Assert.Equal("NoSchedule", t.Effect));
    }

    [Fact]
    public void Wanted_OtherNodesReady_DrivesPodsAway()
    {
        var taints = NodeTaints.Wanted(Node(("Ready", "Unknown")), mayEvict: true, Now)!;

        Assert.Equal(["NoSchedule", "NoExecute"], taints.Select(t => t.Effect));
        Assert.All(taints, t => Assert.Equal(Now, t.TimeAdded));
    }

    [Fact]
    public void Wanted_PressureAndCordon_AreTold()
    {
        var node = Node(("Ready", "True"), ("MemoryPressure", "True"), ("DiskPressure", "False"));
        node.Spec!.Unschedulable = true;

        Assert.Equal(["node.kubernetes.io/memory-pressure", "node.kubernetes.io/unschedulable"], NodeTaints.Wanted(node, false, Now)!.Select(t => t.Key));
    }

    [Fact]
    public void Wanted_WellAgain_RemovesOursAndKeepsTheUsers()
    {
        var node = Node(("Ready", "True"));
        node.Spec!.Taints = [new Taint { Key = NodeTaints.Unreachable, Effect = "NoExecute" }, new Taint { Key = "dedicated", Value = "x", Effect = "NoSchedule" }, new Taint { Key = NodeTaints.NotReady, Effect = "NoSchedule" }];

        Assert.Equal("dedicated", Assert.Single(NodeTaints.Wanted(node, true, Now)!).Key);
    }

    [Fact]
    public void Wanted_NothingChanged_IsNull()
    {
        var node = Node(("Ready", "False"));
        node.Spec!.Taints = NodeTaints.Wanted(node, true, Now);

        Assert.Null(NodeTaints.Wanted(node, true, Now.AddHours(1)));
    }

    [Fact]
    public void Silenced_KnownConditions_BecomeUnknownAndMissingOnesAppear()
    {
        var conditions = NodeHealth.Silenced(Node(("Ready", "True"), ("Custom", "True")), Now);

        var ready = conditions.Find(c => c.Type == "Ready")!;
        Assert.Equal(("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."), (ready.Status, ready.Reason, ready.Message));
        Assert.Equal("NodeStatusNeverUpdated", conditions.Find(c => c.Type == "PIDPressure")!.Reason);
        Assert.Equal("True", conditions.Find(c => c.Type == "Custom")!.Status);
    }

    private static Node Node(params (string Type, string? Status)[] conditions) => new()
    {
        Metadata = new ObjectMeta { Name = "n" },
        Spec = new NodeSpec(),
        Status = new NodeStatus { Conditions = [.. conditions.Where(c => c.Status is not null).Select(c => new NodeCondition { Type = c.Type, Status = c.Status })] },
    };
}
