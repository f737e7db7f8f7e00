using System.Globalization;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.StatefulSets;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.StatefulSets;

/// <summary>
/// Pods are written as ordinal and state: r ready, n not ready, t terminating, f failed; a star marks the old revision.
/// What is done as +ordinal@revision and -ordinal.
/// </summary>
public sealed class StatefulPlanTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(3, "", "+0@new")]
    [InlineData(3, "0n", "")]
    [InlineData(3, "0r", "+1@new")]
    [InlineData(3, "0r 2r", "+1@new")]
    [InlineData(3, "0t", "")]
    [InlineData(3, "0f", "-0")]
    [InlineData(3, "0r 1r 2r", "")]
    [InlineData(1, "0r 1r 2r", "-2")]
    [InlineData(1, "0r 1r 2t", "")]
    [InlineData(1, "0r 1n 2r", "-2")]
    [InlineData(1, "0r 1n 2n", "")] // a lower pod is not well either: the higher one stays as it is
    [InlineData(1, "0r 1r 2n", "-2")] // the one to go is itself the one not well
    [InlineData(2, "0r* 1r*", "-1")]
    [InlineData(2, "0r* 1r", "-0")]
    [InlineData(2, "0r* 1n", "")]
    [InlineData(0, "0r", "-0")]
    public void Make_InOrder_DoesOneThingAtATime(int replicas, string pods, string expected) => Assert.Equal(expected, Plan(Set(replicas), pods));

    [Theory]
    [InlineData(3, "", "+0@new +1@new +2@new")]
    [InlineData(3, "0n 1f", "-1 +2@new")]
    [InlineData(1, "0n 1r 2n", "-2 -1")]
    [InlineData(3, "0r* 1r* 2r*", "-2")] // updates go one by one all the same
    [InlineData(3, "0r* 1r* 2n", "")]
    public void Make_Parallel_DoesAllThatCanBeDone(int replicas, string pods, string expected)
    {
        var set = Set(replicas);
        set.Spec!.PodManagementPolicy = "Parallel";

        Assert.Equal(expected, Plan(set, pods));
    }

    [Theory]
    [InlineData("0r* 1r* 2r*", "-2")]
    [InlineData("0r* 1r* 2r", "")]
    [InlineData("0r* 2r", "+1@old")]
    [InlineData("0r* 1r*", "+2@new")]
    public void Make_Partition_KeepsTheOldBelowIt(string pods, string expected)
    {
        var set = Set(3);
        set.Spec!.UpdateStrategy = new StatefulSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateStatefulSetStrategy { Partition = 2 } };

        Assert.Equal(expected, Plan(set, pods));
    }

    [Fact]
    public void Make_OnDelete_LeavesUpdatesToTheUser()
    {
        var set = Set(2);
        set.Spec!.UpdateStrategy = new StatefulSetUpdateStrategy { Type = "OnDelete" };

        Assert.Equal("", Plan(set, "0r* 1r*"));
        Assert.Equal("+1@new", Plan(set, "0r*"));
    }

    [Fact]
    public void Make_OrdinalsFromElsewhere_AreKept()
    {
        var set = Set(2);
        set.Spec!.Ordinals = new StatefulSetOrdinals { Start = 5 };

        Assert.Equal("+6@new", Plan(set, "5r"));
        Assert.Equal("-0", Plan(set, "0r 5r 6r"));
    }

    [Fact]
    public void Make_NotLongEnoughReady_Waits()
    {
        var set = Set(2);
        set.Spec!.MinReadySeconds = 30;

        Assert.Equal("", Plan(set, "0r"));
    }

    [Theory]
    [InlineData("db-0", 0)]
    [InlineData("db-12", 12)]
    [InlineData("db-01", null)]
    [InlineData("db-x", null)]
    [InlineData("other-0", null)]
    [InlineData("db", null)]
    public void OrdinalOf_OnlyNamesTheSetGives(string name, int? expected) =>
        Assert.Equal(expected, StatefulPods.OrdinalOf(Set(1), new Pod { Metadata = new ObjectMeta { Name = name } }));

    [Fact]
    public void Build_Pod_KnowsWhoItIs()
    {
        var set = Set(1);

        var pod = StatefulPods.Build(set, set.Spec!.Template!, "db-abc", 3);

        Assert.Equal(("db-3", "db-", "db-3", "db-svc"), (pod.Metadata.Name, pod.Metadata.GenerateName, pod.Spec!.Hostname, pod.Spec.Subdomain));
        Assert.Equal(("db-3", "3", "db-abc", "db"), (pod.Metadata.Labels!["statefulset.kubernetes.io/pod-name"], pod.Metadata.Labels["apps.kubernetes.io/pod-index"], pod.Metadata.Labels["controller-revision-hash"], pod.Metadata.Labels["app"]));
        Assert.Null(set.Spec.Template!.Spec!.Hostname);
    }

    [Theory]
    [InlineData(2, "0r 1r", "new", 2, 2)]
    [InlineData(2, "0r* 1r", "old", 1, 1)]
    [InlineData(2, "0r 1n", "old", null, 2)]
    public void Status_WhenAllAreUpdated_TheUpdateIsTheCurrentOne(int replicas, string pods, string current, int? currentReplicas, int updated)
    {
        var set = Set(replicas);
        var revisions = new StatefulRevisions(Revision("old"), Revision("new"), null);

        var status = StatefulStatusMath.Calculate(set, Pods(pods), revisions, Now);

        Assert.Equal((current, "new", currentReplicas, updated), (status.CurrentRevision, status.UpdateRevision, status.CurrentReplicas, status.UpdatedReplicas));
    }

    private static ControllerRevision Revision(string name) => new() { Metadata = new ObjectMeta { Name = name } };

    private static string Plan(StatefulSet set, string pods) =>
        string.Join(' ', StatefulPlan.Make(set, Pods(pods), ("old", "new"), Now).Select(a => a.Delete is null ? $"+{a.Ordinal}@{a.Revision}" : $"-{a.Ordinal}"));

    private static List<Pod> Pods(string pods) => [.. pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Pod)];

    private static Pod Pod(string text)
    {
        var ordinal = int.Parse(text.AsSpan(0, 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return new Pod
        {
            Metadata = new ObjectMeta { Name = $"db-{ordinal}", DeletionTimestamp = text[1] == 't' ? Now : null, Labels = new() { [StatefulPods.RevisionLabel] = text.EndsWith('*') ? "old" : "new" } },
            Status = new PodStatus { Phase = text[1] == 'f' ? "Failed" : "Running", Conditions = [new PodCondition { Type = "Ready", Status = text[1] is 'r' or 't' ? "True" : "False", LastTransitionTime = Now.AddSeconds(-10) }] },
        };
    }

    private static StatefulSet Set(int replicas) => new()
    {
        Metadata = new ObjectMeta { Name = "db", Namespace = "ns" },
        Spec = new StatefulSetSpec { Replicas = replicas, ServiceName = "db-svc", Selector = new LabelSelector { MatchLabels = new() { ["app"] = "db" } }, Template = Make.Template("db") },
    };
}
