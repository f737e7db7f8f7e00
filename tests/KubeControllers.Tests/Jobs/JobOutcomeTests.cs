using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Jobs;
using Xunit;
using static Sealos.KubeControllers_Tests.Jobs.Rounds;

namespace Sealos.KubeControllers_Tests.Jobs;

public sealed class JobOutcomeTests
{
    [Theory]
    [InlineData(0, "BackoffLimitExceeded")]
    [InlineData(1, null)]
    public void Decide_FailedPods_AreHeldAgainstTheLimit(int limit, string? reason) =>
        Assert.Equal(reason, JobOutcome.Decide(Round(Job(s => s.BackoffLimit = limit), Pod("a:Failed"), Pod("b:Running")))?.Reason);

    [Theory]
    [InlineData("Failed", "TerminatingOrFailed", "BackoffLimitExceeded")]
    [InlineData("Running:deleted", "TerminatingOrFailed", "BackoffLimitExceeded")]
    [InlineData("Running:deleted", "Failed", null)]
    public void Decide_PodThatGoes_IsAFailureUnlessTheJobWaits(string pod, string policy, string? reason) =>
        Assert.Equal(reason, JobOutcome.Decide(Round(Job(s => (s.BackoffLimit, s.PodReplacementPolicy) = (0, policy)), Pod("a:" + pod)))?.Reason);

    [Theory]
    [InlineData(2, 2, "BackoffLimitExceeded")]
    [InlineData(2, 1, null)]
    [InlineData(0, 0, null)]
    [InlineData(0, 1, "BackoffLimitExceeded")]
    public void Decide_RestartedContainers_CountWhereTheNodeStartsThemAgain(int limit, int restarts, string? reason)
    {
        var job = Job(s => s.BackoffLimit = limit);
        job.Spec!.Template!.Spec!.RestartPolicy = "OnFailure";
        var pod = Pod("a:Running");
        pod.Status!.ContainerStatuses = [new ContainerStatus { Name = "main", RestartCount = restarts }];

        Assert.Equal(reason, JobOutcome.Decide(Round(job, pod))?.Reason);
    }

    [Theory]
    [InlineData(30, false, "DeadlineExceeded")]
    [InlineData(90, false, null)]
    [InlineData(30, true, null)]
    public void Decide_Deadline_RunsWhileTheJobDoes(int seconds, bool isSuspended, string? reason) =>
        Assert.Equal(reason, JobOutcome.Decide(Round(Job(s => (s.ActiveDeadlineSeconds, s.Suspend) = (seconds, isSuspended), new JobStatus { StartTime = Now.AddMinutes(-1) })))?.Reason);

    [Theory]
    [InlineData("Ignore", null)]
    [InlineData("Count", "BackoffLimitExceeded")]
    [InlineData("FailJob", "PodFailurePolicy")]
    public void Decide_RuleMatches_ActsAsItSays(string action, string? reason)
    {
        var job = Job(s => (s.BackoffLimit, s.PodFailurePolicy) = (0, Rules(action)));

        Assert.Equal(reason, JobOutcome.Decide(Round(job, Pod("a:Failed", exitCode: 42)))?.Reason);
    }

    [Theory]
    [InlineData(null, "0:Failed", null)]
    [InlineData(0, "0:Failed", "MaxFailedIndexesExceeded")]
    [InlineData(1, "0:Failed 1:Succeeded", "FailedIndexes")]
    public void Decide_FailedIndexes_AreCountedApart(int? most, string pods, string? reason)
    {
        var job = Job(s => (s.CompletionMode, s.Completions, s.BackoffLimit, s.BackoffLimitPerIndex, s.MaxFailedIndexes) = ("Indexed", 2, int.MaxValue, 0, most));

        Assert.Equal(reason, JobOutcome.Decide(Round(job, [.. pods.Split(' ').Select(p => Pod($"p{p}:{p.Split(':')[0]}"))]))?.Reason);
    }

    [Theory]
    [InlineData("0,2", null, "0-3", true)]
    [InlineData("0,4", null, "0-3", false)]
    [InlineData("0,4", 1, "0-3", true)]
    [InlineData(null, 4, "0-3", true)]
    [InlineData(null, 5, "0-3", false)]
    public void Decide_SuccessRule_IsMetByIndexesOrTheirNumber(string? indexes, int? count, string succeeded, bool isMet)
    {
        var job = Job(s => (s.CompletionMode, s.Completions, s.SuccessPolicy) = ("Indexed", 6, new SuccessPolicy { Rules = [new SuccessPolicyRule { SucceededIndexes = indexes, SucceededCount = count }] }),
            new JobStatus { CompletedIndexes = succeeded });

        var end = JobOutcome.Decide(Round(job));

        Assert.Equal(isMet ? ("SuccessCriteriaMet", "Matched rules at index 0") : (null, null), (end?.Type, end?.Message));
    }

    [Fact]
    public void Decide_WhatWasDecidedBefore_Stands()
    {
        var target = JobConditions.New(JobNames.FailureTarget, "BackoffLimitExceeded", "x", Now);

        var end = JobOutcome.Decide(Round(Job(status: new JobStatus { Conditions = [target] })));

        Assert.Equal((JobNames.Failed, "BackoffLimitExceeded", "x"), (end?.Type, end?.Reason, end?.Message));
    }

    [Theory]
    [InlineData(null, 1, 0, true)]
    [InlineData(null, 1, 1, false)]
    [InlineData(null, 0, 0, false)]
    [InlineData(2, 1, 0, false)]
    [InlineData(2, 2, 0, true)]
    public void Complete_EnoughSucceeded_WhenNoneRuns(int? completions, int succeeded, int active, bool isComplete)
    {
        var round = Round(Job(s => s.Completions = completions, new JobStatus { Succeeded = succeeded }), [.. Enumerable.Range(0, active).Select(i => Pod($"p{i}:Running"))]);

        Assert.Equal(isComplete, JobOutcome.Complete(round) is not null);
    }

    private static PodFailurePolicy Rules(string action) => new()
    {
        Rules =
        [
            new PodFailurePolicyRule { Action = "FailJob", OnExitCodes = new PodFailurePolicyOnExitCodesRequirement { Operator = "In", Values = [1, 2] } },
            new PodFailurePolicyRule { Action = action, OnExitCodes = new PodFailurePolicyOnExitCodesRequirement { Operator = "NotIn", Values = [3] } },
        ],
    };
}
