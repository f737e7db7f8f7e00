using Sealos.Kinds.Core;
using Sealos.Kinds.Policy;
using Sealos.KubeControllers.Scheduler;
using Xunit;

namespace Sealos.KubeControllers_Tests.Scheduler;

public sealed class PreemptionTests
{
    private readonly Cluster _cluster = new Cluster().Node("a", cpu: "4");

    [Fact]
    public void Find_LowerPrioritiesInTheWay_DrivesAwayAsFewAsNeeded()
    {
        _cluster.Place("a", Pod("2", 1)).Place("a", Pod("1", 2)).Place("a", Pod("1", 3));

        var placement = _cluster.Find(Pod("2", 10));

        Assert.Equal("a", placement.Preemption?.Node);
        Assert.Equal([1], placement.Preemption!.Victims.Select(v => v.Priority));
        Assert.Equal("0/1 nodes are available: 1 Insufficient cpu.", placement.Message);
    }

    [Fact]
    public void Find_Tried_LeavesTheClusterAsItWas()
    {
        var small = Pod("1", 1);
        _cluster.Place("a", small).Place("a", Pod("3", 2));

        _cluster.Find(Pod("4", 10));

        Assert.Equal(2, _cluster.State.Nodes[0].Pods.Count);
        Assert.Equal(4m, _cluster.State.Nodes[0].Requested["cpu"]);
        Assert.Equal("a", _cluster.State.NodeOf(small.Metadata.Uid!));
    }

    [Fact]
    public void Find_OnlyEqualsInTheWay_Waits()
    {
        _cluster.Place("a", Pod("4", 10));

        var placement = _cluster.Find(Pod("1", 10));

        Assert.Null(placement.Preemption);
        Assert.EndsWith("1 No preemption victims found for incoming pod.", placement.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_SeveralNodes_TakesTheLeastImportantVictims()
    {
        _cluster.Node("b", cpu: "4").Place("a", Pod("4", 5)).Place("b", Pod("2", 1)).Place("b", Pod("2", 4));

        Assert.Equal("b", _cluster.Find(Pod("4", 10)).Preemption?.Node);
    }

    [Fact]
    public void Find_AntiAffinityInTheWay_DrivesItAway()
    {
        var other = Pod("1", 1);
        var pod = Pod("1", 10);
        pod.Spec!.Affinity = new Affinity { PodAntiAffinity = new PodAntiAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [new PodAffinityTerm { TopologyKey = "zone", LabelSelector = Cluster.App("x") }] } };
        _cluster.Place("a", other);

        Assert.Equal(other.Metadata.Uid, Assert.Single(_cluster.Find(pod).Preemption!.Victims).Uid);
    }

    [Theory]
    [InlineData("3", "1/5 1/0 1/0", "2/5 1/1", "b")] // of equally important victims fewer
    [InlineData("3", "2/5 1/-2", "2/5 1/-1", "a")] // of as many the less important
    public void Find_SameHighestPriority_TakesFewerThenLessImportantVictims(string cpu, string onA, string onB, string node)
    {
        _cluster.Node("a", cpu: "3").Node("b", cpu: "3");
        foreach (var (name, pods) in new[] { ("a", onA), ("b", onB) })
        {
            foreach (var pod in pods.Split(' ').Select(p => p.Split('/')))
            {
                _cluster.Place(name, Pod(pod[0], int.Parse(pod[1], System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        Assert.Equal(node, _cluster.Find(Pod(cpu, 10)).Preemption?.Node);
    }

    [Fact]
    public void Find_VictimsAlike_TakesThoseThatStartedLast()
    {
        var (old, young) = (Pod("4", 1), Pod("4", 1));
        old.Status!.StartTime = DateTimeOffset.UnixEpoch;
        young.Status!.StartTime = DateTimeOffset.UnixEpoch.AddHours(1);
        _cluster.Node("b", cpu: "4").Place("a", old).Place("b", young);

        Assert.Equal("b", _cluster.Find(Pod("4", 10)).Preemption?.Node);
    }

    [Fact]
    public void Find_RoomMadeForAnother_IsNotTaken()
    {
        var waiting = new PlacedPod(Pod("3", 10));
        _cluster.State.Nominate(waiting, "a");

        Assert.Null(_cluster.Find(Pod("2", 5)).Node);
        Assert.Equal("a", _cluster.Find(Pod("2", 11)).Node);
        Assert.Equal("a", _cluster.Find(waiting.Pod).Node);
        Assert.Empty(_cluster.State.Nodes[0].Pods);
    }

    [Fact]
    public void Find_VictimsNotGoneYet_WaitsForThem()
    {
        var victim = Pod("4", 1);
        var pod = Pod("4", 10);
        _cluster.Place("a", victim);
        _cluster.State.Nominate(new PlacedPod(pod), "a");
        victim.Metadata.DeletionTimestamp = DateTimeOffset.UnixEpoch;

        var placement = _cluster.Find(pod);

        Assert.Null(placement.Preemption);
        Assert.EndsWith("preemption: not eligible due to a terminating pod on the nominated node.", placement.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "b")] // to keep what is guarded is worth a more important victim
    [InlineData(1, "a")]
    public void Find_GuardedVictims_AreTheLastResort(int allowed, string node)
    {
        var budget = new PodDisruptionBudget { Status = new PodDisruptionBudgetStatus { DisruptionsAllowed = allowed } };
        var guarded = Pod("4", 1);
        _cluster.BudgetsOf = pod => pod == guarded ? [budget] : [];
        _cluster.Node("b", cpu: "4").Place("a", guarded).Place("b", Pod("4", 5));

        Assert.Equal(node, _cluster.Find(Pod("4", 10)).Preemption?.Node);
    }

    [Fact]
    public void Find_GuardedAndFreeOnOneNode_DrivesAwayTheFree()
    {
        var budget = new PodDisruptionBudget { Status = new PodDisruptionBudgetStatus { DisruptionsAllowed = 0 } };
        var (guarded, free) = (Pod("2", 1), Pod("2", 5));
        _cluster.BudgetsOf = pod => pod == guarded ? [budget] : [];
        _cluster.Place("a", guarded).Place("a", free);

        Assert.Equal(free.Metadata.Uid, Assert.Single(_cluster.Find(Pod("2", 10)).Preemption!.Victims).Uid);
        Assert.Equal(1, _cluster.Find(Pod("4", 10)).Preemption!.Violations);
    }

    private Pod Pod(string cpu, int priority) => _cluster.Pod(cpu, change: s => s.Priority = priority);
}
