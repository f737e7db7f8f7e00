using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.DaemonSets;
using Xunit;

namespace Sealos.KubeControllers_Tests.DaemonSets;

/// <summary>
/// Nodes are written as name and fit: + wants a daemon, = lets one stay, - neither. Pods are written as node, number and
/// state: r ready, n not ready, t terminating, f failed, s succeeded, w waiting for its node; a star marks the old revision.
/// What is done as +node and -pod, failed and succeeded ones as !pod and .pod.
/// </summary>
public sealed class DaemonPlanTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("a+ b+", "", "+a +b")]
    [InlineData("a+ b= c-", "", "+a")]
    [InlineData("a+", "a1w", "")]
    [InlineData("a+", "a1t", "")] // its place is free when it is gone
    [InlineData("a= b-", "a1r b1r", "-b1")]
    [InlineData("a- ", "a1t", "")]
    [InlineData("a+", "a1r a2r", "-a2")]
    [InlineData("a+", "a1w a2r", "-a1")] // the one that is bound stays
    [InlineData("a+", "a1f", "!a1")]
    [InlineData("a+", "a1s", ".a1")]
    [InlineData("", "a1w b1r", "-a1")] // nobody else deletes what waits for a node that is gone
    public void Placement_BringsOnePodToEachNode(string nodes, string pods, string expected) => Assert.Equal(expected, Text(DaemonPlacement.Make(World(Set(), nodes, pods))));

    [Theory]
    [InlineData("a+", "a1t", "+a")]
    [InlineData("a+", "a1r* a2n", "")]
    [InlineData("a+", "a1r* a2r", "-a1")]
    [InlineData("a+", "a1n* a2n", "-a1")]
    [InlineData("a+", "a1r* a2r* a3n", "-a2")]
    [InlineData("a+", "a1f", "!a1")]
    public void Placement_WhileSurging_LetsTwoRunSideBySide(string nodes, string pods, string expected) =>
        Assert.Equal(expected, Text(DaemonPlacement.Make(World(Set(surge: 1), nodes, pods))));

    [Theory]
    [InlineData("1", "a1r* b1r* c1r*", "-a1")]
    [InlineData("2", "a1r* b1r* c1r*", "-a1 -b1")]
    [InlineData("50%", "a1r* b1r* c1r*", "-a1 -b1")]
    [InlineData("1", "a1r b1r* c1r*", "-b1")]
    [InlineData("1", "a1n b1r* c1r*", "")] // a new one that is not available is what may be unavailable
    [InlineData("1", "a1t b1r* c1r*", "")]
    [InlineData("1", "a1r* b1n* c1r*", "-b1")] // what serves nobody can go
    [InlineData("1", "a1r b1r c1r", "")]
    public void Rollout_ReplacesNoMoreThanMayBeUnavailable(string maxUnavailable, string pods, string expected)
    {
        var set = Set();
        set.Spec!.UpdateStrategy!.RollingUpdate!.MaxUnavailable = int.TryParse(maxUnavailable, out var number) ? number : maxUnavailable;
        Assert.Equal(expected, Text(DaemonRollout.Make(World(set, "a+ b+ c+", pods))));
    }

    [Theory]
    [InlineData("a+ b+ c+", "a1r* b1r* c1r*", "+a")]
    [InlineData("a+ b+ c+", "a1r* a2n b1r* c1r*", "")]
    [InlineData("a+ b+ c+", "a1r* a2r b1r* c1r*", "+b -a1")]
    [InlineData("a+ b+ c+", "a1n* b1r* c1r*", "+a +b")]
    [InlineData("a+ b=", "a1r b1r*", "-b1")] // the node it belongs to serves
    [InlineData("a+ b=", "a1n b1r*", "")]
    public void Rollout_WhileSurging_MakesTheNewOneFirst(string nodes, string pods, string expected) =>
        Assert.Equal(expected, Text(DaemonRollout.Make(World(Set(surge: 1), nodes, pods))));

    [Fact]
    public void Rollout_OnDelete_DoesNothing()
    {
        var set = Set();
        set.Spec!.UpdateStrategy = new DaemonSetUpdateStrategy { Type = "OnDelete" };
        Assert.Equal("", Text(DaemonRollout.Make(World(set, "a+", "a1r*"))));
    }

    [Fact]
    public void Status_CountsNodesNotPods()
    {
        var status = DaemonStatusMath.Calculate(World(Set(), "a+ b+ c+ d=", "a1r a2r b1n* d1r"), null);

        Assert.Equal((3, 2, 1, 1), (status.DesiredNumberScheduled, status.CurrentNumberScheduled, status.NumberMisscheduled, status.NumberReady));
        Assert.Equal((1, 1, 2), (status.UpdatedNumberScheduled, status.NumberAvailable, status.NumberUnavailable));
    }

    [Fact]
    public void Status_WithMinReadySeconds_WaitsForThem()
    {
        var set = Set();
        set.Spec!.MinReadySeconds = 10;
        var status = DaemonStatusMath.Calculate(World(set, "a+", "a1r"), null);

        Assert.Equal((1, null, 1), (status.NumberReady, status.NumberAvailable, status.NumberUnavailable));
    }

    [Fact]
    public void Build_IsForOneNodeAndBearsWhatNodesSufferFrom()
    {
        var set = Set();
        set.Metadata.Annotations = new() { ["deprecated.daemonset.template.generation"] = "4" };
        set.Spec!.Template!.Spec = new PodSpec
        {
            HostNetwork = true,
            Tolerations = [new Toleration { Key = "node.kubernetes.io/not-ready", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 5 }],
        };
        var pod = DaemonPods.Build(set, "abc", "n7");

        Assert.Equal("n7", DaemonPods.NodeOf(pod));
        Assert.Null(pod.Spec!.NodeName);
        Assert.Equal(("d-", "abc", "4"), (pod.Metadata.GenerateName, pod.Metadata.Labels!["controller-revision-hash"], pod.Metadata.Labels["pod-template-generation"]));
        Assert.Equal(7, pod.Spec.Tolerations!.Count);
        Assert.Null(Assert.Single(pod.Spec.Tolerations, t => t.Key == "node.kubernetes.io/not-ready").TolerationSeconds);
        Assert.Contains(pod.Spec.Tolerations, t => t.Key == "node.kubernetes.io/network-unavailable");
        Assert.Null(set.Spec.Template.Spec.Affinity);
    }

    [Theory]
    [InlineData(null, "NoSchedule", false, true)]
    [InlineData(null, "NoExecute", false, false)]
    [InlineData(null, "PreferNoSchedule", true, true)]
    [InlineData("blue", null, true, true)]
    [InlineData("red", null, false, false)]
    public void Fit_DependsOnTheNode(string? color, string? effect, bool shouldRun, bool mayStay)
    {
        var set = Set();
        set.Spec!.Template!.Spec = new PodSpec { NodeSelector = color is null ? null : new() { ["color"] = color } };
        var node = new Node
        {
            Metadata = new ObjectMeta { Name = "n", Labels = new() { ["color"] = "blue" } },
            Spec = new NodeSpec { Taints = [new Taint { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" }, .. effect is null ? [] : new[] { new Taint { Key = "k", Effect = effect } }] },
        };

        Assert.Equal(new DaemonFit(shouldRun, mayStay), DaemonFit.Of(set, node));
    }

    private static DaemonSet Set(int surge = 0) => new()
    {
        Metadata = new ObjectMeta { Name = "d", Namespace = "n" },
        Spec = new DaemonSetSpec
        {
            Template = new PodTemplateSpec(),
            UpdateStrategy = new DaemonSetUpdateStrategy
            {
                Type = "RollingUpdate",
                RollingUpdate = new RollingUpdateDaemonSet { MaxUnavailable = surge > 0 ? 0 : 1, MaxSurge = surge },
            },
        },
    };

    private static DaemonWorld World(DaemonSet set, string nodes, string pods) => new(
        set,
        [.. Words(nodes).Select(n => (n[..1], new DaemonFit(n[1] == '+', n[1] != '-')))],
        DaemonWorld.ByNode(Words(pods).Select(NewPod)),
        "new",
        Now);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Pod NewPod(string text)
    {
        var (node, state, isOld) = (text[..1], text[2], text.EndsWith('*'));
        var set = Set();
        var pod = DaemonPods.Build(set, isOld ? "old" : "new", node);
        pod.Metadata.Name = text[..2];
        pod.Metadata.CreationTimestamp = Now.AddMinutes(text[1] - '9');
        pod.Metadata.DeletionTimestamp = state == 't' ? Now : null;
        pod.Spec!.NodeName = state == 'w' ? null : node;
        pod.Status = new PodStatus
        {
            Phase = state switch { 'f' => "Failed", 's' => "Succeeded", 'w' => "Pending", _ => "Running" },
            Conditions = [new PodCondition { Type = "Ready", Status = state == 'r' ? "True" : "False", LastTransitionTime = Now }],
        };
        return pod;
    }

    private static string Text(DaemonPlan plan) => string.Join(' ',
        plan.Create.Order(StringComparer.Ordinal).Select(n => "+" + n)
            .Concat(plan.Delete.Select(p => "-" + p.Metadata.Name))
            .Concat(plan.Failed.Select(f => "!" + f.Pod.Metadata.Name))
            .Concat(plan.Succeeded.Select(f => "." + f.Pod.Metadata.Name)));
}
