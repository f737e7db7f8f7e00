using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Batch;

namespace Sealos.KubeControllers.Jobs;

/// <summary>A job's end in two steps: what it will be is said at once, and that it is so when no pod runs or waits to be counted.</summary>
internal static class JobEnding
{
    /// <summary>Says in the status what the end will be; the condition to end with, or null while the job goes on.</summary>
    public static JobCondition? Announce(JobRound round, JobCondition? end)
    {
        if (end is null or { Type: JobNames.Failed or JobNames.Complete })
        {
            return end;
        }

        if (JobConditions.Find(round.Job, end.Type!) is not { Status: "True" })
        {
            JobConditions.Set(round.Status, end);
        }

        return JobConditions.New(end.Type == JobNames.FailureTarget ? JobNames.Failed : JobNames.Complete, end.Reason!, end.Message!, round.Now);
    }

    /// <summary>Writes how many pods there are.</summary>
    public static void CountPods(JobRound round)
    {
        round.Status.Active = round.ActiveCount == 0 ? null : round.ActiveCount;
        round.Status.Ready = round.Ready;
        round.Status.Terminating = round.Terminating;
    }

    /// <summary>Ends the job unless pods are left; whether it has ended.</summary>
    public static bool Enact(JobRound round, JobCondition? last)
    {
        var uncounted = round.Status.UncountedTerminatedPods!;
        if (last is null || round.Terminating > 0 || uncounted.Succeeded is { Count: > 0 } || uncounted.Failed is { Count: > 0 })
        {
            return false;
        }

        JobConditions.Set(round.Status, last);
        if (last.Type == JobNames.Complete)
        {
            round.Status.CompletionTime = last.LastTransitionTime;
        }

        return true;
    }

    /// <summary>Tells of the end in an event.</summary>
    public static void Tell(JobRound round, JobCondition last, EventRecorder events)
    {
        if (last.Type != JobNames.Complete)
        {
            events.Warning(round.Job, last.Reason!, last.Message!);
            return;
        }

        if (round.Status.Succeeded > round.Spec.Completions)
        {
            events.Warning(round.Job, "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
        }

        events.Normal(round.Job, "Completed", "Job completed");
    }
}
