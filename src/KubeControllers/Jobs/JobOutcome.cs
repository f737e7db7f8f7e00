using Sealos.Kinds.Batch;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Whether a job has come to its end, and to which.</summary>
internal static class JobOutcome
{
    /// <summary>
    /// What ends the job, before its pods are looked after: what was decided earlier, else a failure, else a success rule. Null
    /// while it goes on.
    /// </summary>
    public static JobCondition? Decide(JobRound round)
    {
        var job = round.Job;
        if (JobConditions.Find(job, JobNames.SuccessCriteriaMet) is { Status: "True" } met)
        {
            return met;
        }

        if (JobConditions.Find(job, JobNames.FailureTarget) is { Status: "True" } target)
        {
            return JobConditions.New(JobNames.Failed, target.Reason!, target.Message!, round.Now);
        }

        return ByPolicy(round) ?? ByLimits(round) ?? ByIndexes(round) ?? BySuccessRule(round);
    }

    /// <summary>Whether all that was asked for is done, after the pods were looked after.</summary>
    public static JobCondition? Complete(JobRound round)
    {
        var isComplete = round.ActiveCount == 0 && (round.Spec.Completions is { } completions ? round.Succeeded >= completions : round.Succeeded > 0);
        return isComplete ? JobConditions.New(JobNames.SuccessCriteriaMet, "CompletionsReached", "Reached expected number of succeeded pods", round.Now) : null;
    }

    /// <summary>How long until the deadline; null when there is none, or it does not run.</summary>
    public static TimeSpan? UntilDeadline(JobRound round) =>
        round.Spec.ActiveDeadlineSeconds is { } seconds && round.Status.StartTime is { } start && !round.IsSuspended
            ? start.AddSeconds(Math.Min(seconds, int.MaxValue)) - round.Now
            : null;

    private static JobCondition? ByPolicy(JobRound round)
    {
        var why = round.Spec.PodFailurePolicy is null ? null
            : round.Pods.Where(p => JobPods.IsFailed(p, round.Spec)).Select(p => FailurePolicy.Judge(round.Spec.PodFailurePolicy, p).FailsJob).FirstOrDefault(m => m is not null);
        return why is null ? null : Failure(round, "PodFailurePolicy", why);
    }

    private static JobCondition? ByLimits(JobRound round)
    {
        if (round.Failed > (round.Spec.BackoffLimit ?? 6) || RestartedTooOften(round))
        {
            return Failure(round, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }

        return UntilDeadline(round) <= TimeSpan.Zero ? Failure(round, "DeadlineExceeded", "Job was active longer than specified deadline") : null;
    }

    // Containers that the node starts again in their pod count as well.
    private static bool RestartedTooOften(JobRound round)
    {
        if (round.Spec.Template?.Spec?.RestartPolicy != "OnFailure")
        {
            return false;
        }

        long restarts = 0;
        foreach (var status in round.Pods.Select(p => p.Status).Where(s => s?.Phase is "Running" or "Pending"))
        {
            restarts += (status!.InitContainerStatuses ?? []).Concat(status.ContainerStatuses ?? []).Sum(c => (long)(c.RestartCount ?? 0));
        }

        return round.Spec.BackoffLimit is 0 ? restarts > 0 : restarts >= (round.Spec.BackoffLimit ?? 6);
    }

    private static JobCondition? ByIndexes(JobRound round)
    {
        if (round.FailedIndexes is not { Count: > 0 } failed)
        {
            return null;
        }

        if (failed.Count > round.Spec.MaxFailedIndexes)
        {
            return Failure(round, "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        }

        return failed.Count + round.SucceededIndexes.Count >= round.Completions ? Failure(round, "FailedIndexes", "Job has failed indexes") : null;
    }

    private static JobCondition? BySuccessRule(JobRound round) =>
        round.IsIndexed && SuccessRules.Met(round.Spec.SuccessPolicy, round.Completions, round.SucceededIndexes) is { } rule
            ? JobConditions.New(JobNames.SuccessCriteriaMet, "SuccessPolicy", rule, round.Now)
            : null;

    private static JobCondition Failure(JobRound round, string reason, string message) => JobConditions.New(JobNames.FailureTarget, reason, message, round.Now);
}
