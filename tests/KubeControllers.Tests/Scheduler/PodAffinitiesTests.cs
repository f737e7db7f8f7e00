using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Xunit;

namespace Sealos.KubeControllers_Tests.Scheduler;

public sealed class PodAffinitiesTests
{
    private readonly Cluster _cluster = new Cluster().Node("a1").Node("a2").Node("b1");

    [Fact]
    public void Affinity_SameZoneAsAnother_GoesThere()
    {
        _cluster.Place("b1", _cluster.Pod("3", app: "db"));

        Assert.Equal("b1", _cluster.Find(Together("db")).Node);
    }

    [Fact]
    public void Affinity_NobodyToBeWith_IsRefused() =>
        Assert.StartsWith("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.", _cluster.Find(Together("db")).Message, StringComparison.Ordinal);

    [Fact]
    public void Affinity_FirstOfItsOwnGroup_IsLetIn() => Assert.NotNull(_cluster.Find(Together("x")).Node);

    [Fact]
    public void AntiAffinity_ZoneTaken_GoesElsewhere()
    {
        _cluster.Place("a1", _cluster.Pod(app: "x"));

        Assert.Equal("b1", _cluster.Find(Apart("x")).Node);
    }

    [Fact]
    public void AntiAffinity_EverywhereTaken_IsRefused()
    {
        _cluster.Place("a1", _cluster.Pod(app: "x")).Place("b1", _cluster.Pod(app: "x"));

        Assert.StartsWith("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.", _cluster.Find(Apart("x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AntiAffinity_OfThoseAlreadyThere_IsHonoured()
    {
        _cluster.Place("a1", Apart("y")).Place("b1", Apart("y"));

        Assert.Contains("3 node(s) didn't satisfy existing pods anti-affinity rules", _cluster.Find(_cluster.Pod(app: "y")).Message, StringComparison.Ordinal);
        Assert.NotNull(_cluster.Find(_cluster.Pod(app: "z")).Node);
    }

    [Fact]
    public void Terms_OtherNamespaces_CountOnlyWhenNamed()
    {
        _cluster.Place("b1", _cluster.Pod(app: "db", ns: "red"));

        Assert.Null(_cluster.Find(Together("db")).Node);
        Assert.Equal("b1", _cluster.Find(Together("db", t => t.Namespaces = ["red"])).Node);
        Assert.Equal("b1", _cluster.Find(Together("db", t => t.NamespaceSelector = new LabelSelector { MatchLabels = new() { ["colour"] = "red" } })).Node);
        Assert.Null(_cluster.Find(Together("db", t => t.NamespaceSelector = new LabelSelector { MatchLabels = new() { ["colour"] = "blue" } })).Node);
    }

    [Fact]
    public void Preferred_Company_IsSought()
    {
        _cluster.Place("b1", _cluster.Pod("1", app: "db"));
        var term = new WeightedPodAffinityTerm { Weight = 100, PodAffinityTerm = Term("db") };

        Assert.Equal("b1", _cluster.Find(_cluster.Pod(change: s => s.Affinity = new Affinity { PodAffinity = new PodAffinity { PreferredDuringSchedulingIgnoredDuringExecution = [term] } })).Node);
    }

    [Theory]
    [InlineData(1, "b1")]
    [InlineData(3, null)]
    public void Spread_TooMuchInOneZone_GoesToTheOther(int inOther, string? expected)
    {
        _cluster.Place("a1", _cluster.Pod(app: "x")).Place("a2", _cluster.Pod(app: "x"));
        for (var i = 0; i < inOther; i++)
        {
            _cluster.Place("b1", _cluster.Pod(app: "x"));
        }

        var node = _cluster.Find(Spread("zone")).Node;

        Assert.Equal(expected, node == "b1" ? node : null);
        Assert.NotNull(node);
    }

    [Fact]
    public void Spread_LabelMissing_IsRefused() =>
        Assert.StartsWith("0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label).", _cluster.Find(Spread("rack")).Message, StringComparison.Ordinal);

    [Fact]
    public void Spread_NowhereToGo_IsRefused()
    {
        _cluster.Place("a1", _cluster.Pod(app: "x"));
        var pod = Spread("zone");
        pod.Spec!.Containers![0].Resources!.Requests!["cpu"] = Sealos.Objects.Meta.Quantity.Parse("4");
        _cluster.Place("b1", _cluster.Pod("1", app: "y"));

        Assert.Contains("didn't match pod topology spread constraints", _cluster.Find(pod).Message, StringComparison.Ordinal);
    }

    private static PodAffinityTerm Term(string app) => new() { LabelSelector = Cluster.App(app), TopologyKey = "zone" };

    private Pod Together(string app, Action<PodAffinityTerm>? change = null)
    {
        var term = Term(app);
        change?.Invoke(term);
        return _cluster.Pod(change: s => s.Affinity = new Affinity { PodAffinity = new PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [term] } });
    }

    private Pod Apart(string app) =>
        _cluster.Pod(change: s => s.Affinity = new Affinity { PodAntiAffinity = new PodAntiAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [Term(app)] } });

    private Pod Spread(string key) =>
        _cluster.Pod(app: "x", change: s => s.TopologySpreadConstraints = [new TopologySpreadConstraint { MaxSkew = 1, TopologyKey = key, WhenUnsatisfiable = "DoNotSchedule", LabelSelector = Cluster.App("x") }]);
}
