using System.Globalization;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Deployments;
using Sealos.KubeControllers_Tests.Harness;
using Sealos.Objects.Meta;
using Xunit;

namespace Sealos.KubeControllers_Tests.Deployments;

public sealed class RolloutPlanTests
{
    [Theory]
    [InlineData(10, "25%", "25%", 3, 2)]
    [InlineData(1, "25%", "25%", 1, 0)]
    [InlineData(3, "0", "25%", 0, 1)] // both come to nothing: one may be unavailable
    [InlineData(2, "1", "5", 1, 2)] // no more can be unavailable than there are
    public void Target_RoundsSurgeUpAndUnavailableDown(int replicas, string surge, string unavailable, int expectedSurge, int expectedUnavailable)
    {
        var deployment = Make.Deployment("ns", "web", replicas);
        deployment.Spec!.Strategy = new DeploymentStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateDeployment { MaxSurge = Value(surge), MaxUnavailable = Value(unavailable) } };

        Assert.Equal(new RolloutTarget(replicas, expectedSurge, expectedUnavailable), new Rollout(deployment, null, []).Target);
    }

    [Fact]
    public void ForRolling_NewSetHasRoom_GrowsItFirst()
    {
        var rollout = Rolling(10, Set("b", 0, 0), Set("a", 10, 10));

        var scale = Assert.Single(RolloutPlan.ForRolling(rollout));
        Assert.Equal(("b", 3), (scale.Set.Metadata.Name, scale.Size));
    }

    [Fact]
    public void ForRolling_NoRoomAndNothingReady_ShrinksOldByWhatMayBeUnavailable()
    {
        var scale = Assert.Single(RolloutPlan.ForRolling(Rolling(10, Set("b", 3, 0), Set("a", 10, 10))));

        Assert.Equal(("a", 8), (scale.Set.Metadata.Name, scale.Size));
    }

    [Fact]
    public void ForScaling_OneActiveSet_GivesItEverything()
    {
        var scale = Assert.Single(RolloutPlan.ForScaling(Rolling(7, Set("b", 0, 0), Set("a", 3, 3))));

        Assert.Equal(("a", 7), (scale.Set.Metadata.Name, scale.Size));
    }

    [Fact]
    public void ForScaling_NoActiveSet_TakesTheNewOne() =>
        Assert.Equal("b", Assert.Single(RolloutPlan.ForScaling(Rolling(7, Set("b", 0, 0), Set("a", 0, 0)))).Set.Metadata.Name);

    [Fact]
    public void ForScaling_NewSetSaturated_EmptiesTheOld()
    {
        var scale = Assert.Single(RolloutPlan.ForScaling(Rolling(4, Set("b", 4, 4, desired: 4), Set("a", 1, 1, desired: 3))));

        Assert.Equal(("a", 0), (scale.Set.Metadata.Name, scale.Size));
    }

    [Fact]
    public void IsScaling_SizeDiffersFromTheAnnotation_IsTrue()
    {
        Assert.True(Rolling(4, Set("b", 3, 3, desired: 3), Set("a", 0, 0)).IsScaling);
        Assert.False(Rolling(4, Set("b", 4, 4, desired: 4), Set("a", 0, 0, desired: 2)).IsScaling);
    }

    [Fact]
    public void Outdated_BeyondTheLimit_OldestRevisionFirstAndOnlyEmptyOnes()
    {
        var rollout = Rolling(1, Set("d", 1, 1), Set("a", 0, 0, revision: 3), Set("b", 0, 0, revision: 1), Set("c", 1, 0, revision: 2));
        rollout.Deployment.Spec!.RevisionHistoryLimit = 1;

        Assert.Equal(["b"], RolloutPlan.Outdated(rollout).Select(s => s.Metadata.Name));
    }

    [Fact]
    public void Of_SeveralSetsOfTheTemplate_OldestIsTheNewOne()
    {
        var deployment = Make.Deployment("ns", "web", 1);
        var older = Set("older", 1, 1);
        var newer = Set("newer", 1, 1);
        older.Spec!.Template = Make.Template("web");
        newer.Spec!.Template = Make.Template("web");
        older.Metadata.CreationTimestamp = DateTimeOffset.UnixEpoch;
        newer.Metadata.CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(1);

        var rollout = Rollout.Of(deployment, [newer, older]);

        Assert.Equal("older", rollout.New?.Metadata.Name);
        Assert.Equal(["newer"], rollout.Old.Select(s => s.Metadata.Name));
    }

    private static IntOrString Value(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : text;

    private static Rollout Rolling(int replicas, ReplicaSet @new, params ReplicaSet[] old) => new(Make.Deployment("ns", "web", replicas), @new, old);

    private static ReplicaSet Set(string name, int size, int available, int? desired = null, int revision = 0) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Annotations = desired is null ? new() { [Revisions.Revision] = $"{revision}" } : new() { [Revisions.DesiredReplicas] = $"{desired}" },
        },
        Spec = new ReplicaSetSpec { Replicas = size },
        Status = new ReplicaSetStatus { Replicas = size, AvailableReplicas = available },
    };
}
