using Sealos.Kinds.Core;
using Sealos.KubeControllers.Jobs;
using Xunit;
using static Sealos.KubeControllers_Tests.Jobs.Rounds;

namespace Sealos.KubeControllers_Tests.Jobs;

public sealed class JobPlanTests
{
    [Theory]
    [InlineData(5, 2, "", 2, 0)]
    [InlineData(5, 2, "a:Running", 1, 0)]
    [InlineData(2, 4, "a:Succeeded b:Running", 0, 0)]
    [InlineData(2, 4, "a:Succeeded b:Running c:Running", 0, 1)]
    [InlineData(null, 3, "a:Running", 2, 0)]
    [InlineData(null, 3, "a:Succeeded b:Running", 0, 0)]
    [InlineData(3, 2, "a:Running:deleted b:Running", 1, 0)]
    public void Of_Pods_AreMadeUpToWhatIsLeft(int? completions, int parallelism, string pods, int created, int deleted)
    {
        var plan = JobPlan.Of(Round(Job(s => (s.Completions, s.Parallelism) = (completions, parallelism)), All(pods)), default);

        Assert.Equal((created, deleted, null), (plan.Create.Count, plan.Delete.Count, plan.Wait));
    }

    [Fact]
    public void Of_ReplacesOnlyFailed_WaitsForPodsThatGo() =>
        Assert.Empty(JobPlan.Of(Round(Job(s => s.PodReplacementPolicy = "Failed"), Pod("a:Running:deleted")), default).Create);

    [Fact]
    public void Of_Suspended_EndsAll() =>
        Assert.Equal(2, JobPlan.Of(Round(Job(s => (s.Suspend, s.Parallelism) = (true, 2)), All("a:Running b:Pending")), default).Delete.Count);

    [Theory]
    [InlineData("p0:Running:0 p2:Running:2", new[] { 1, 3 })]
    [InlineData("p0:Succeeded:0", new[] { 1, 2, 3 })]
    public void Of_Indexed_FillsTheLowestGaps(string pods, int[] indexes)
    {
        var plan = JobPlan.Of(Round(Job(s => (s.CompletionMode, s.Completions, s.Parallelism) = ("Indexed", 9, indexes.Length + pods.Split(' ').Count(p => p.Contains("Running", StringComparison.Ordinal)))), All(pods)), default);

        Assert.Equal(indexes, plan.Create.OfType<int>());
    }

    [Fact]
    public void Of_IndexedTwiceOrBeyond_DeletesTheExtraOnes()
    {
        var plan = JobPlan.Of(Round(Job(s => (s.CompletionMode, s.Completions, s.Parallelism) = ("Indexed", 2, 9)), All("a:Pending:0 b:Running:0 c:Running:5 d:Running")), default);

        Assert.Equal(["a", "c", "d"], plan.Delete.Select(p => p.Metadata.Name!).Order());
    }

    [Fact]
    public void Of_FailuresInARow_WaitLonger()
    {
        var plan = JobPlan.Of(Round(Job(), Pod("a:Failed")), new Failures(3, Now.AddSeconds(-10)));

        Assert.Equal((TimeSpan.FromSeconds(30), 0), (plan.Wait, plan.Create.Count));
    }

    [Fact]
    public void Of_IndexThatFailed_WaitsAloneAndKeepsItsPod()
    {
        var round = Round(Job(s => (s.CompletionMode, s.Completions, s.Parallelism, s.BackoffLimitPerIndex) = ("Indexed", 2, 2, 3)), Pod("a:Failed:0", failuresBefore: 1));

        var plan = JobPlan.Of(round, default);

        Assert.Equal((TimeSpan.FromSeconds(20), "a"), (plan.Wait, round.Kept[0].Metadata.Name));
        Assert.Equal([1], plan.Create);
    }

    private static Pod[] All(string pods) => [.. pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => Pod(p))];
}
