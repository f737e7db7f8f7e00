using Sealos.Kinds.Batch;
using Sealos.KubeControllers.Jobs;
using Xunit;
using static Sealos.KubeControllers_Tests.Jobs.Rounds;

namespace Sealos.KubeControllers_Tests.Jobs;

public sealed class JobCountingTests
{
    [Fact]
    public void Note_EndedPods_AreNamedBeforeTheyAreLetGo()
    {
        var round = Round(Job(), Pod("a:Succeeded"), Pod("b:Failed"), Pod("c:Running"), Pod("d:Succeeded:released"));

        var (release, isAll) = JobCounting.Note(round, null);

        Assert.Equal(["a", "b"], release.Select(p => p.Metadata.Name));
        Assert.True(isAll);
        Assert.Equal(["a"], round.Status.UncountedTerminatedPods!.Succeeded!);
        Assert.Equal(["b"], round.Status.UncountedTerminatedPods.Failed!);
    }

    [Fact]
    public void Note_PodsThatWereNamedBefore_AreNotNamedAgain()
    {
        var status = new JobStatus { UncountedTerminatedPods = new UncountedTerminatedPods { Succeeded = ["a"] } };
        var round = Round(Job(status: status), Pod("a:Succeeded"));

        var (release, _) = JobCounting.Note(round, null);

        Assert.Equal("a", Assert.Single(release).Metadata.Name);
        Assert.Equal(1, round.Succeeded);
        Assert.Equal(["a"], round.Status.UncountedTerminatedPods!.Succeeded!);
    }

    [Fact]
    public void Settle_PodsThatWereLetGo_BecomeNumbers()
    {
        var status = new JobStatus { Succeeded = 2, UncountedTerminatedPods = new UncountedTerminatedPods { Succeeded = ["a", "b"], Failed = ["c"] } };

        JobCounting.Settle(status, new HashSet<string> { "b" });

        Assert.Equal((3, 1), (status.Succeeded, status.Failed));
        Assert.Equal(["b"], status.UncountedTerminatedPods.Succeeded!);
        Assert.Null(status.UncountedTerminatedPods.Failed);
    }

    [Fact]
    public void Note_JobFails_CountsWhatStillRuns()
    {
        var round = Round(Job(), Pod("a:Running"));

        JobCounting.Note(round, JobConditions.New(JobNames.FailureTarget, "x", "x", Now));

        Assert.Equal(["a"], round.Status.UncountedTerminatedPods!.Failed!);
    }

    [Fact]
    public void Note_MoreThanAStatusHolds_LeavesTheRestForLater()
    {
        var (release, isAll) = JobCounting.Note(Round(Job(s => s.Completions = 900), [.. Enumerable.Range(0, 900).Select(i => Pod($"p{i}:Succeeded"))]), null);

        Assert.Equal((JobCounting.MostUncounted, false), (release.Count, isAll));
    }

    [Fact]
    public void Note_FailedPodWhoseIndexIsToBeTriedAgain_IsKept()
    {
        var round = Round(Job(s => (s.CompletionMode, s.Completions, s.BackoffLimitPerIndex) = ("Indexed", 2, 1)), Pod("a:Failed:0"), Pod("b:Succeeded:1"));

        var (release, _) = JobCounting.Note(round, null);

        Assert.Equal("b", Assert.Single(release).Metadata.Name);
        Assert.Equal(("1", 1, ""), (round.Status.CompletedIndexes, round.Status.Succeeded, round.Status.FailedIndexes));
    }

    [Fact]
    public void Build_PodOfAnIndexThatFailed_TakesOverTheCount()
    {
        var job = Job(s => (s.CompletionMode, s.BackoffLimitPerIndex) = ("Indexed", 5));

        var pod = JobPods.Build(job, 3, Pod("a:Failed:3", failuresBefore: 1));

        Assert.Equal("2", pod.Metadata.Annotations![JobNames.IndexFailures]);
        Assert.Equal("work-3-", pod.Metadata.GenerateName);
    }

    [Fact]
    public void After_Success_EndsARowOfFailures()
    {
        var (early, late) = (Pod("a:Failed"), Pod("b:Failed"));
        early.Status!.ContainerStatuses = [Workload.Ended("main", 1, Now.AddSeconds(-9))];
        late.Status!.ContainerStatuses = [Workload.Ended("main", 1, Now.AddSeconds(9))];

        Assert.Equal(new Failures(1, Now.AddSeconds(9)), new Failures(4, Now).After([Pod("c:Succeeded")], [early, late]));
        Assert.Equal(new Failures(6, Now.AddSeconds(9)), new Failures(4, Now).After([], [early, late]));
        Assert.Equal(TimeSpan.FromMinutes(10), new Failures(50, Now).Remaining(Now));
    }
}
