using Sealos.Kinds.Core;
using Xunit;

namespace Sealos.KubeControllers_Tests.Scheduler;

public sealed class TopologySpreadTests
{
    private readonly Cluster _cluster = new Cluster().Node("a1").Node("a2").Node("b1").Node("c1");

    [Theory]
    [InlineData(null, "")] // one in each of three zones leaves nobody behind
    [InlineData(3, "")]
    [InlineData(4, "4 node(s) didn't match pod topology spread constraints")] // a fourth zone is missing, and counts as empty
    public void Check_FewerDomainsThanAskedFor_CountsTheMissingOnesAsEmpty(int? minDomains, string reason)
    {
        _cluster.Place("a1", _cluster.Pod()).Place("b1", _cluster.Pod()).Place("c1", _cluster.Pod());

        var placement = _cluster.Find(Spread("zone", c => c.MinDomains = minDomains));

        Assert.Equal(reason.Length == 0, placement.Node is not null);
        Assert.Contains(reason, placement.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "b1")] // zone c is not for the pod, and does not hold it back
    [InlineData("Honor", "b1")]
    [InlineData("Ignore", null)] // zone c stays empty, so that zones a and b may have no more than one
    public void Check_NodesThatThePodMayNotUse_CountAsItsPolicySays(string? policy, string? expected)
    {
        _cluster.Place("a1", _cluster.Pod()).Place("a1", _cluster.Pod()).Place("b1", _cluster.Pod());
        var pod = Spread("zone", c => c.NodeAffinityPolicy = policy);
        pod.Spec!.Affinity = In("zone", "a", "b");

        Assert.Equal(expected, _cluster.Find(pod).Node);
    }

    [Theory]
    [InlineData(null, null)] // the tainted zone is empty and can only be filled by others
    [InlineData("Ignore", null)]
    [InlineData("Honor", "b1")]
    public void Check_TaintedNodes_CountAsItsPolicySays(string? policy, string? expected)
    {
        _cluster.Node("c1", change: n => n.Spec!.Taints = [new Taint { Key = "dedicated", Effect = "NoSchedule" }]);
        _cluster.Place("a1", _cluster.Pod()).Place("a1", _cluster.Pod()).Place("b1", _cluster.Pod());

        Assert.Equal(expected, _cluster.Find(Spread("zone", c => c.NodeTaintsPolicy = policy)).Node);
    }

    [Fact]
    public void Choose_PodThatSaysNothing_GoesWhereFewestOfItsKindAre()
    {
        // The node and zone with fewest of its kind, though it has most pods in all.
        var cluster = new Cluster { KindOf = pod => Cluster.App(pod.Metadata.Labels!["app"]) };
        foreach (var (name, zone) in (ReadOnlySpan<(string, string)>)[("n1", "a"), ("n2", "a"), ("n3", "b")])
        {
            cluster.Node(name, change: n => n.Metadata.Labels!["topology.kubernetes.io/zone"] = zone);
        }

        cluster.Place("n1", cluster.Pod()).Place("n3", cluster.Pod(app: "other")).Place("n3", cluster.Pod(app: "other"));

        Assert.Equal("n3", cluster.Find(cluster.Pod()).Node);
        cluster.KindOf = _ => null;
        Assert.Equal("n2", cluster.Find(cluster.Pod()).Node);
    }

    [Fact]
    public void Choose_NodesWithoutZones_AreSpreadOverAllTheSame()
    {
        var cluster = new Cluster { KindOf = pod => Cluster.App(pod.Metadata.Labels!["app"]) }.Node("n1").Node("n2");
        cluster.Place("n1", cluster.Pod()).Place("n2", cluster.Pod(app: "other")).Place("n2", cluster.Pod(app: "other"));

        Assert.Equal("n2", cluster.Find(cluster.Pod()).Node);
    }

    [Fact]
    public void Choose_PodThatSaysNothing_TakesASmallSkewForMoreRoom()
    {
        var cluster = new Cluster { KindOf = pod => Cluster.App(pod.Metadata.Labels!["app"]) }.Node("n1").Node("n2");
        for (var i = 0; i < 2; i++)
        {
            cluster.Place("n1", cluster.Pod()).Place("n2", cluster.Pod());
        }

        cluster.Place("n1", cluster.Pod()).Place("n2", cluster.Pod(cpu: "2", app: "other"));

        Assert.Equal("n1", cluster.Find(cluster.Pod()).Node);
    }

    [Fact]
    public void Find_NoChoiceOfNodes_DoesNotCountThePodsOfAKind()
    {
        var asked = 0;
        var cluster = new Cluster { KindOf = _ => Cluster.App(asked++ == 0 ? "x" : "y") }.Node("n1").Node("n2");
        for (var i = 0; i < 8; i++)
        {
            cluster.Place($"n{(i % 2) + 1}", cluster.Pod(cpu: "1"));
        }

        Assert.NotNull(cluster.Find(cluster.Pod(cpu: "2", change: s => s.Priority = 10)).Preemption);
        Assert.Equal(0, asked);
    }

    [Fact]
    public void Choose_NodeOutsideTheDomains_IsTheLastChoiceAndLeavesTheOthersTheirOrder()
    {
        var cluster = new Cluster().Node("a1").Node("b1").Node("none", change: n => n.Metadata.Labels!.Remove("zone"));
        cluster.Place("a1", cluster.Pod()).Place("a1", cluster.Pod());
        for (var i = 0; i < 3; i++)
        {
            cluster.Place("b1", cluster.Pod(app: "other"));
        }

        Assert.Equal("b1", cluster.Find(Spread("zone", c => c.WhenUnsatisfiable = "ScheduleAnyway")).Node);
    }

    [Fact]
    public void Check_LabelKeys_CountOnlyPodsOfTheSameRevision()
    {
        for (var i = 0; i < 3; i++)
        {
            _cluster.Place("a1", Revision(_cluster.Pod(), "old"));
        }

        _cluster.Place("b1", Revision(_cluster.Pod(), "new")).Place("c1", Revision(_cluster.Pod(), "new"));
        Assert.NotEqual("a", _cluster.Find(Revision(Spread("zone"), "new")).Node![..1]);

        Assert.Equal("a", _cluster.Find(Revision(Spread("zone", c => c.MatchLabelKeys = ["revision"]), "new")).Node![..1]);
    }

    [Fact]
    public void Check_PodsThatLeaveOrAreElsewhere_DoNotCount()
    {
        var leaving = _cluster.Pod();
        leaving.Metadata.DeletionTimestamp = DateTimeOffset.UnixEpoch;
        _cluster.Place("c1", leaving).Place("c1", _cluster.Pod(ns: "other")).Place("c1", _cluster.Pod(app: "other"));
        _cluster.Place("a1", _cluster.Pod()).Place("b1", _cluster.Pod());

        Assert.Equal("c1", _cluster.Find(Spread("zone")).Node);
    }

    [Fact]
    public void Check_SeveralConstraints_AllMustHold()
    {
        // Zone c has fewest, then zone b; within zone a node a2 has fewest.
        _cluster.Place("a1", _cluster.Pod()).Place("b1", _cluster.Pod());
        var pod = Spread("zone");
        pod.Spec!.TopologySpreadConstraints!.Add(Constraint("kubernetes.io/hostname"));

        Assert.Equal("c1", _cluster.Find(pod).Node);
        _cluster.Place("c1", _cluster.Pod());
        Assert.Equal("a2", _cluster.Find(pod).Node);
    }

    [Fact]
    public void Crowd_ScheduleAnyway_SeeksTheEmptiestAndTakesWhatThereIs()
    {
        _cluster.Place("a1", _cluster.Pod()).Place("a2", _cluster.Pod()).Place("b1", _cluster.Pod()).Place("b1", _cluster.Pod());
        Assert.Equal("c1", _cluster.Find(Spread("zone", c => c.WhenUnsatisfiable = "ScheduleAnyway")).Node);

        var bound = Spread("zone", c => c.WhenUnsatisfiable = "ScheduleAnyway");
        bound.Spec!.NodeSelector = new() { ["kubernetes.io/hostname"] = "b1" };
        Assert.Equal("b1", _cluster.Find(bound).Node);
    }

    [Fact]
    public void Find_PreferredTerms_AreWeighedAgainstEachOther()
    {
        // To be with x in zone a is wanted less than to be away from y, who is there too.
        _cluster.Place("a1", _cluster.Pod(app: "x")).Place("a2", _cluster.Pod(app: "y")).Place("b1", _cluster.Pod(app: "x"));
        var pod = _cluster.Pod(app: "z", change: s => s.Affinity = new Affinity
        {
            PodAffinity = new PodAffinity { PreferredDuringSchedulingIgnoredDuringExecution = [new WeightedPodAffinityTerm { Weight = 30, PodAffinityTerm = Term("x") }] },
            PodAntiAffinity = new PodAntiAffinity { PreferredDuringSchedulingIgnoredDuringExecution = [new WeightedPodAffinityTerm { Weight = 70, PodAffinityTerm = Term("y") }] },
        });

        Assert.Equal("b1", _cluster.Find(pod).Node);
    }

    [Theory]
    [InlineData(10, 60, "c1")]
    [InlineData(60, 10, "a1")]
    public void Find_PreferredNodes_AreWeighedAgainstEachOther(int weightOfA, int weightOfC, string expected)
    {
        var pod = _cluster.Pod(change: s => s.Affinity = new Affinity
        {
            NodeAffinity = new NodeAffinity
            {
                PreferredDuringSchedulingIgnoredDuringExecution =
                [
                    new PreferredSchedulingTerm { Weight = weightOfA, Preference = OneOf("kubernetes.io/hostname", "a1") },
                    new PreferredSchedulingTerm { Weight = weightOfC, Preference = OneOf("zone", "c") },
                ],
            },
        });

        Assert.Equal(expected, _cluster.Find(pod).Node);
    }

    private static PodAffinityTerm Term(string app) => new() { LabelSelector = Cluster.App(app), TopologyKey = "zone" };

    private static NodeSelectorTerm OneOf(string key, params List<string> values) => new() { MatchExpressions = [new NodeSelectorRequirement { Key = key, Operator = "In", Values = values }] };

    private static Affinity In(string key, params List<string> values) =>
        new() { NodeAffinity = new NodeAffinity { RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelector { NodeSelectorTerms = [OneOf(key, values)] } } };

    private static Pod Revision(Pod pod, string revision)
    {
        pod.Metadata.Labels!["revision"] = revision;
        return pod;
    }

    private static TopologySpreadConstraint Constraint(string key) =>
        new() { MaxSkew = 1, TopologyKey = key, WhenUnsatisfiable = "DoNotSchedule", LabelSelector = Cluster.App("x") };

    private Pod Spread(string key, Action<TopologySpreadConstraint>? change = null)
    {
        var constraint = Constraint(key);
        change?.Invoke(constraint);
        return _cluster.Pod(app: "x", change: s => s.TopologySpreadConstraints = [constraint]);
    }
}
