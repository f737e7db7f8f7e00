using Sealos.Kinds.Apps;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Deployments;
using Sealos.KubeControllers_Tests.Harness;
using Xunit;

namespace Sealos.KubeControllers_Tests.Deployments;

public sealed class DeploymentStatusMathTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RolloutStep Rolled = new(false, null, true);

    [Fact]
    public void Calculate_JustCreated_IsProgressingAndNotAvailable()
    {
        var rollout = Rollout(3, Set("web-a", 3, 0, 0));

        var status = DeploymentStatusMath.Calculate(rollout, new RolloutStep(true, null, true), null, Now);

        AssertCondition(status, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        AssertCondition(status, "Progressing", "True", "NewReplicaSetCreated", "Created new replica set \"web-a\"");
        Assert.Null(status.Replicas);
    }

    [Fact]
    public void Calculate_SomeReady_SaysSoAndRenewsTheClock()
    {
        var rollout = Rollout(3, Set("web-a", 3, 3, 1));
        rollout.Deployment.Status = WithProgress("ReplicaSetUpdated", Now.AddMinutes(-9));

        var status = DeploymentStatusMath.Calculate(rollout, Rolled, null, Now);

        AssertCondition(status, "Progressing", "True", "ReplicaSetUpdated", "ReplicaSet \"web-a\" is progressing.");
        var progress = status.Conditions!.Find(c => c.Type == "Progressing")!;
        Assert.Equal(Now, progress.LastUpdateTime);
        Assert.Equal(Now.AddMinutes(-9), progress.LastTransitionTime);
        Assert.Equal(2, status.UnavailableReplicas);
    }

    [Fact]
    public void Calculate_AllAvailable_IsComplete()
    {
        var rollout = Rollout(2, Set("web-a", 2, 2, 2));
        rollout.Deployment.Status = WithProgress("ReplicaSetUpdated", Now.AddMinutes(-1));

        var status = DeploymentStatusMath.Calculate(rollout, Rolled, null, Now);

        AssertCondition(status, "Progressing", "True", "NewReplicaSetAvailable", "ReplicaSet \"web-a\" has successfully progressed.");
        AssertCondition(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
        Assert.Null(DeploymentStatusMath.UntilDeadline(rollout.Deployment, status, Now));
    }

    [Fact]
    public void Calculate_StuckBeyondTheDeadline_HasTimedOut()
    {
        var rollout = Rollout(2, Set("web-a", 2, 2, 0));
        rollout.Deployment.Status = WithProgress("ReplicaSetUpdated", Now.AddSeconds(-601));
        rollout.Deployment.Status.Replicas = 2;
        rollout.Deployment.Status.UpdatedReplicas = 2;

        var status = DeploymentStatusMath.Calculate(rollout, Rolled, null, Now);

        AssertCondition(status, "Progressing", "False", "ProgressDeadlineExceeded", "ReplicaSet \"web-a\" has timed out progressing.");
    }

    [Fact]
    public void UntilDeadline_UnderWay_IsWhatIsLeftOfIt()
    {
        var rollout = Rollout(2, Set("web-a", 2, 2, 0));
        var status = WithProgress("ReplicaSetUpdated", Now.AddSeconds(-100));

        Assert.Equal(TimeSpan.FromSeconds(501), DeploymentStatusMath.UntilDeadline(rollout.Deployment, status, Now));
    }

    [Fact]
    public void Calculate_CompleteThenAPodIsLost_StaysComplete()
    {
        var rollout = Rollout(2, Set("web-a", 2, 2, 1));
        rollout.Deployment.Status = WithProgress("NewReplicaSetAvailable", Now.AddDays(-1));

        var status = DeploymentStatusMath.Calculate(rollout, Rolled, null, Now);

        AssertCondition(status, "Progressing", "True", "NewReplicaSetAvailable", "m");
    }

    [Theory]
    [InlineData(true, "ReplicaSetUpdated", "DeploymentPaused", "Deployment is paused")]
    [InlineData(false, "DeploymentPaused", "DeploymentResumed", "Deployment is resumed")]
    public void Calculate_PausedOrResumed_StopsTheClock(bool isPaused, string before, string reason, string message)
    {
        var rollout = Rollout(2, Set("web-a", 2, 2, 1));
        rollout.Deployment.Spec!.Paused = isPaused;
        rollout.Deployment.Status = WithProgress(before, Now.AddHours(-1));

        var status = DeploymentStatusMath.Calculate(rollout, default, null, Now);

        AssertCondition(status, "Progressing", "Unknown", reason, message);
    }

    [Fact]
    public void Calculate_SetCouldNotBeMade_SaysWhy()
    {
        var rollout = Rollout(2, null);

        var status = DeploymentStatusMath.Calculate(rollout, new RolloutStep(false, "no", true), 1, Now);

        AssertCondition(status, "Progressing", "False", "ReplicaSetCreateError", "no");
        Assert.Equal(1, status.CollisionCount);
    }

    [Fact]
    public void Calculate_SetFailsToMakePods_PassesItOn()
    {
        var set = Set("web-a", 2, 0, 0);
        set.Status!.Conditions = [new ReplicaSetCondition { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "quota" }];

        var status = DeploymentStatusMath.Calculate(Rollout(2, set), Rolled, null, Now);

        AssertCondition(status, "ReplicaFailure", "True", "FailedCreate", "quota");
        Assert.DoesNotContain(DeploymentStatusMath.Calculate(Rollout(2, Set("web-a", 2, 0, 0)), Rolled, null, Now).Conditions!, c => c.Type == "ReplicaFailure");
    }

    [Fact]
    public void Calculate_NoDeadline_DropsProgress()
    {
        var rollout = Rollout(2, Set("web-a", 2, 2, 1));
        rollout.Deployment.Spec!.ProgressDeadlineSeconds = null;
        rollout.Deployment.Status = WithProgress("ReplicaSetUpdated", Now);

        Assert.DoesNotContain(DeploymentStatusMath.Calculate(rollout, Rolled, null, Now).Conditions!, c => c.Type == "Progressing");
    }

    private static Rollout Rollout(int replicas, ReplicaSet? set)
    {
        var deployment = Make.Deployment("ns", "web", replicas);
        deployment.Spec!.ProgressDeadlineSeconds = 600;
        deployment.Metadata.Generation = 1;
        return new Rollout(deployment, set, []);
    }

    private static ReplicaSet Set(string name, int size, int replicas, int available) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Spec = new ReplicaSetSpec { Replicas = size },
        Status = new ReplicaSetStatus { Replicas = replicas, ReadyReplicas = available, AvailableReplicas = available },
    };

    private static DeploymentStatus WithProgress(string reason, DateTimeOffset at) => new()
    {
        Conditions = [new DeploymentCondition { Type = "Progressing", Status = reason.StartsWith("Deployment", StringComparison.Ordinal) ? "Unknown" : "True", Reason = reason, Message = "m", LastUpdateTime = at, LastTransitionTime = at }],
    };

    private static void AssertCondition(DeploymentStatus status, string type, string value, string reason, string message)
    {
        var condition = Assert.Single(status.Conditions!, c => c.Type == type);
        Assert.Equal((value, reason, message), (condition.Status, condition.Reason, condition.Message));
    }
}
