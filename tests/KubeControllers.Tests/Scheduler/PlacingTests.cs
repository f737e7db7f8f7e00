using Sealos.Kinds.Core;
using Sealos.KubeControllers.Scheduler;
using Xunit;

namespace Sealos.KubeControllers_Tests.Scheduler;

public sealed class PlacingTests
{
    private readonly Cluster _cluster = new();

    [Fact]
    public void Find_NoNodes_SaysSo() => Assert.Equal("no nodes available to schedule pods", _cluster.Find(_cluster.Pod()).Message);

    [Fact]
    public void Find_TooLittleCpu_SaysItAsKubernetesDoes()
    {
        var placement = _cluster.Node("n1", cpu: "1").Find(_cluster.Pod("2"));

        Assert.Equal("0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.", placement.Message);
        Assert.Equal(Blockers.Room | Blockers.Node, placement.Blockers);
    }

    [Fact]
    public void Find_Taint_SaysItAsKubernetesDoes()
    {
        _cluster.Node("n1", change: n => n.Spec!.Taints = [new Taint { Key = "node.kubernetes.io/unreachable", Effect = "NoSchedule" }]);

        Assert.Equal("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.", _cluster.Find(_cluster.Pod()).Message);
    }

    [Fact]
    public void Find_ResourceClaims_AreRefusedByName()
    {
        _cluster.Node("a");

        var placement = _cluster.Find(_cluster.Pod(change: s => s.ResourceClaims = [new PodResourceClaim { Name = "gpu", ResourceClaimName = "gpu" }]));

        Assert.Equal("0/1 nodes are available: 1 spec.resourceClaims is not supported. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.", placement.Message);
    }

    [Fact]
    public void Find_CordonedNode_IsOnlyForThoseWhoTolerateIt()
    {
        _cluster.Node("a", change: n => n.Spec!.Unschedulable = true);

        Assert.StartsWith("0/1 nodes are available: 1 node(s) were unschedulable.", _cluster.Find(_cluster.Pod()).Message, StringComparison.Ordinal);
        Assert.Equal("a", _cluster.Find(_cluster.Pod(change: s => s.Tolerations = [new Toleration { Key = "node.kubernetes.io/unschedulable", Operator = "Exists", Effect = "NoSchedule" }])).Node);
    }

    [Fact]
    public void Find_SeveralReasons_AreCountedAndSorted()
    {
        _cluster.Node("a", cpu: "1", memory: "1Gi").Node("b", cpu: "1").Node("c", change: n => n.Spec!.Unschedulable = true);

        var message = _cluster.Find(_cluster.Pod(change: s => s.Containers = [Cluster.Container("2", "2Gi")])).Message;

        Assert.Equal("0/3 nodes are available: 1 Insufficient memory, 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.", message);
    }

    [Fact]
    public void Find_MayNotPreempt_SaysSo() =>
        Assert.EndsWith("preemption: not eligible due to preemptionPolicy=Never.", _cluster.Node("n1", cpu: "1").Find(_cluster.Pod("2", change: s => s.PreemptionPolicy = "Never")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1", true)]
    [InlineData("1000m", true)]
    [InlineData("1001m", false)]
    public void Find_ExactlyFull_StillFits(string cpu, bool fits)
    {
        _cluster.Node("n1", cpu: "3").Place("n1", _cluster.Pod("2"));

        Assert.Equal(fits, _cluster.Find(_cluster.Pod(cpu)).Node is not null);
    }

    [Fact]
    public void Find_RoomForPodsUsedUp_IsRefused()
    {
        _cluster.Node("n1", pods: "1").Place("n1", _cluster.Pod());

        Assert.StartsWith("0/1 nodes are available: 1 Too many pods.", _cluster.Find(_cluster.Pod()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_UnknownResource_IsInsufficient() =>
        Assert.StartsWith("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", _cluster.Node("n1").Find(_cluster.Pod(change: s => s.Containers![0].Resources!.Requests!["nvidia.com/gpu"] = Sealos.Objects.Meta.Quantity.Parse("1"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "", 80, false)]
    [InlineData("10.0.0.1", "10.0.0.2", 80, true)]
    [InlineData("10.0.0.1", "10.0.0.1", 80, false)]
    [InlineData("0.0.0.0", "10.0.0.1", 80, false)]
    [InlineData("", "", 81, true)]
    public void Find_HostPort_ConflictsOnTheSameAddress(string taken, string wanted, int port, bool fits)
    {
        _cluster.Node("n1").Place("n1", WithPort(taken, 80));

        Assert.Equal(fits, _cluster.Find(WithPort(wanted, port)).Node is not null);
    }

    [Fact]
    public void Find_NodeSelector_TakesTheNodeThatMatches()
    {
        _cluster.Node("a").Node("b");

        Assert.Equal("b", _cluster.Find(_cluster.Pod(change: s => s.NodeSelector = new() { ["zone"] = "b" })).Node);
        Assert.Contains("2 node(s) didn't match Pod's node affinity/selector", _cluster.Find(_cluster.Pod(change: s => s.NodeSelector = new() { ["zone"] = "c" })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zone", "In", "b", "b")]
    [InlineData("zone", "NotIn", "a", "b")]
    [InlineData("size", "Exists", null, "b")]
    [InlineData("size", "DoesNotExist", null, "a")]
    [InlineData("size", "Gt", "5", "b")]
    [InlineData("size", "Gt", "10", null)]
    [InlineData("size", "Lt", "11", "b")]
    public void Find_RequiredNodeAffinity_FollowsItsOperator(string key, string comparison, string? value, string? expected)
    {
        _cluster.Node("a").Node("b", change: n => n.Metadata.Labels!["size"] = "10");
        var requirement = new NodeSelectorRequirement { Key = key, Operator = comparison, Values = value is null ? null : [value] };

        Assert.Equal(expected, _cluster.Find(_cluster.Pod(change: s => s.Affinity = Required(new NodeSelectorTerm { MatchExpressions = [requirement] }))).Node);
    }

    [Fact]
    public void Find_RequiredNodeAffinity_AnyTermWillDoAndAnEmptyOneWillNot()
    {
        _cluster.Node("a").Node("b");

        Assert.Equal("b", _cluster.Find(_cluster.Pod(change: s => s.Affinity = Required(new NodeSelectorTerm(), new NodeSelectorTerm { MatchFields = [new NodeSelectorRequirement { Key = "metadata.name", Operator = "In", Values = ["b"] }] }))).Node);
        Assert.Null(_cluster.Find(_cluster.Pod(change: s => s.Affinity = Required(new NodeSelectorTerm()))).Node);
    }

    [Fact]
    public void Find_ManyFit_TakesTheEmptiest()
    {
        _cluster.Node("a").Node("b").Place("a", _cluster.Pod("2"));

        Assert.Equal("b", _cluster.Find(_cluster.Pod("1")).Node);
    }

    [Fact]
    public void Find_Preferences_WeighMoreThanEmptiness()
    {
        _cluster.Node("a").Node("b").Place("a", _cluster.Pod("1"));
        var preferred = new PreferredSchedulingTerm { Weight = 50, Preference = new NodeSelectorTerm { MatchExpressions = [new NodeSelectorRequirement { Key = "zone", Operator = "In", Values = ["a"] }] } };

        Assert.Equal("a", _cluster.Find(_cluster.Pod("1", change: s => s.Affinity = new Affinity { NodeAffinity = new NodeAffinity { PreferredDuringSchedulingIgnoredDuringExecution = [preferred] } })).Node);
    }

    [Fact]
    public void Find_PreferNoSchedule_IsAvoidedWherePossible()
    {
        _cluster.Node("a", change: n => n.Spec!.Taints = [new Taint { Key = "k", Effect = "PreferNoSchedule" }]);
        Assert.Equal("a", _cluster.Find(_cluster.Pod()).Node);

        Assert.Equal("b", _cluster.Node("b").Place("b", _cluster.Pod("1")).Find(_cluster.Pod()).Node);
    }

    [Fact]
    public void Find_PodRemoved_MakesRoom()
    {
        var big = _cluster.Pod("3");
        _cluster.Node("n1").Place("n1", big);
        Assert.Null(_cluster.Find(_cluster.Pod("2")).Node);

        _cluster.State.Remove(big.Metadata.Uid!);

        Assert.Equal("n1", _cluster.Find(_cluster.Pod("2")).Node);
    }

    private static Affinity Required(params NodeSelectorTerm[] terms) => new() { NodeAffinity = new NodeAffinity { RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelector { NodeSelectorTerms = [.. terms] } } };

    private Pod WithPort(string address, int port) =>
        _cluster.Pod(change: s => s.Containers![0].Ports = [new ContainerPort { HostPort = port, ContainerPortValue = 80, Protocol = "TCP", HostIP = address }]);
}
