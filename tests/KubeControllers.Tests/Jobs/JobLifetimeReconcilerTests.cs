using Sealos.Kinds.Batch;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Jobs;
using Xunit;

namespace Sealos.KubeControllers_Tests.Jobs;

public sealed class JobLifetimeReconcilerTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Complete", "True", 100, 40)]
    [InlineData("Failed", "True", 60, 0)]
    [InlineData("Failed", "True", 10, -50)]
    [InlineData("Complete", "True", null, null)] // nobody asked
    [InlineData("Suspended", "True", 10, null)] // has not ended
    [InlineData("Complete", "False", 10, null)]
    public void Remaining_CountsFromTheEnd(string condition, string status, int? kept, int? expected) =>
        Assert.Equal((double?)expected, JobLifetimeReconciler.Remaining(Ended(condition, status, kept), Now)?.TotalSeconds);

    [Fact]
    public void Remaining_OfAJobThatIsBeingDeleted_IsNothing()
    {
        var job = Ended("Complete", "True", 10);
        job.Metadata.DeletionTimestamp = Now;

        Assert.Null(JobLifetimeReconciler.Remaining(job, Now));
    }

    private static Job Ended(string condition, string status, int? kept) => new()
    {
        Metadata = new ObjectMeta { Name = "j" },
        Spec = new JobSpec { TtlSecondsAfterFinished = kept },
        Status = new JobStatus { Conditions = [new JobCondition { Type = condition, Status = status, LastTransitionTime = Now.AddSeconds(-60) }] },
    };
}
