using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Jobs;

/// <summary>
/// Counts every pod exactly once, whatever happens in between: an ended pod's uid goes into the status, then its finalizer is
/// taken off, then the uid becomes a number. Whoever starts again at any of these steps finds what was done.
/// </summary>
internal static class JobCounting
{
    /// <summary>So many uids a status holds at most.</summary>
    public const int MostUncounted = 500;

    /// <summary>Notes ended pods in the status; the pods whose finalizer may go once it is written, and whether there are more.</summary>
    public static (List<Pod> Release, bool IsAll) Note(JobRound round, JobCondition? end)
    {
        var release = new List<Pod>();
        var newIndexes = new List<int>();
        var uncounted = round.Status.UncountedTerminatedPods!;
        var isAll = true;
        foreach (var pod in round.IsIndexed ? round.Pods.OrderBy(p => JobPods.IndexOf(p) ?? -1) : round.Pods.AsEnumerable())
        {
            if (!round.IsTracked(pod) || !MayRelease(round, pod, end))
            {
                continue;
            }

            release.Add(pod);
            if (pod.Status?.Phase == "Succeeded" && !round.WasCountedFailed(pod))
            {
                NoteSucceeded(round, pod, newIndexes);
            }
            else if (JobPods.IsFailed(pod, round.Spec) || end is { Type: not JobNames.SuccessCriteriaMet })
            {
                NoteFailed(round, pod);
            }

            if (newIndexes.Count + (uncounted.Succeeded?.Count ?? 0) + (uncounted.Failed?.Count ?? 0) >= MostUncounted)
            {
                isAll = false;
                break;
            }
        }

        if (round.IsIndexed)
        {
            NoteIndexes(round);
        }

        return (release, isAll);
    }

    /// <summary>Turns uids whose pods have no finalizer any more into numbers.</summary>
    public static void Settle(JobStatus status, IReadOnlySet<string> tracked)
    {
        var uncounted = status.UncountedTerminatedPods!;
        (uncounted.Succeeded, var succeeded) = Settled(uncounted.Succeeded, tracked);
        (uncounted.Failed, var failed) = Settled(uncounted.Failed, tracked);
        status.Succeeded = NoneIfZero((status.Succeeded ?? 0) + succeeded);
        status.Failed = NoneIfZero((status.Failed ?? 0) + failed);
    }

    private static bool MayRelease(JobRound round, Pod pod, JobCondition? end)
    {
        if (round.Job.Metadata.DeletionTimestamp is not null || end is not null || pod.Status?.Phase == "Succeeded")
        {
            return true;
        }

        var isKept = JobPods.IndexOf(pod) is { } index && round.Kept.TryGetValue(index, out var kept) && kept.Metadata.Uid == pod.Metadata.Uid;
        return JobPods.IsFailed(pod, round.Spec) && !isKept;
    }

    // Of an indexed job the index itself tells that it was counted.
    private static void NoteSucceeded(JobRound round, Pod pod, List<int> newIndexes)
    {
        if (!round.IsIndexed)
        {
            if (!round.WasCountedSucceeded(pod))
            {
                (round.Status.UncountedTerminatedPods!.Succeeded ??= []).Add(pod.Metadata.Uid!);
            }
        }
        else if (round.ValidIndex(pod) is { } index && !round.Completed.Contains(index))
        {
            newIndexes.Add(index);
        }
    }

    private static void NoteFailed(JobRound round, Pod pod)
    {
        var isOfJob = !round.IsIndexed || round.ValidIndex(pod) is not null;
        if (isOfJob && !round.WasCountedFailed(pod) && FailurePolicy.Judge(round.Spec.PodFailurePolicy, pod).Counts)
        {
            (round.Status.UncountedTerminatedPods!.Failed ??= []).Add(pod.Metadata.Uid!);
        }
    }

    private static void NoteIndexes(JobRound round)
    {
        round.Status.Succeeded = NoneIfZero(round.SucceededIndexes.Count);
        round.Status.CompletedIndexes = round.SucceededIndexes.ToString() is { Length: > 0 } text ? text : null;
        if (round.FailedIndexes is { } failed)
        {
            round.Status.FailedIndexes = failed.ToString();
        }
    }

    private static (List<string>? Left, int Settled) Settled(List<string>? uids, IReadOnlySet<string> tracked)
    {
        var left = (uids ?? []).FindAll(tracked.Contains);
        return (left.Count == 0 ? null : left, (uids?.Count ?? 0) - left.Count);
    }

    private static int? NoneIfZero(int count) => count == 0 ? null : count;
}
