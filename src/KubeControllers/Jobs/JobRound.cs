using Sealos.Kinds;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>
/// One look at a job and its pods: what has happened since the status was last written. What is decided from it is noted in
/// <see cref="Status"/>, a copy that is written at the end.
/// </summary>
internal sealed class JobRound
{
    private readonly HashSet<string> _uncountedSucceeded;
    private readonly HashSet<string> _uncountedFailed;
    private readonly Func<Pod, bool> _isReleased;

    /// <param name="job">As it is in the cache.</param>
    /// <param name="pods">All its pods.</param>
    /// <param name="isReleased">Whether a pod's finalizer was taken off though the cache still shows it.</param>
    /// <param name="now">The time.</param>
    public JobRound(Job job, List<Pod> pods, Func<Pod, bool> isReleased, DateTimeOffset now)
    {
        _isReleased = isReleased;
        Job = job;
        Spec = job.Spec!;
        Pods = pods;
        Now = now;
        Status = job.Status is null ? new JobStatus() : KubeJson.Clone(job.Status);
        Status.UncountedTerminatedPods ??= new UncountedTerminatedPods();
        _uncountedSucceeded = [.. Status.UncountedTerminatedPods.Succeeded ?? []];
        _uncountedFailed = [.. Status.UncountedTerminatedPods.Failed ?? []];
        Active = pods.FindAll(PodState.IsActive);
        ActiveCount = Active.Count;
        Ready = Active.Count(PodState.IsReady);
        Terminating = pods.Count(IsTerminating);
        NewlySucceeded = Uncounted(_uncountedSucceeded).FindAll(p => p.Status?.Phase == "Succeeded");
        NewlyFailed = Uncounted(_uncountedFailed).FindAll(p => JobPods.IsFailed(p, Spec));
        Succeeded = (Status.Succeeded ?? 0) + NewlySucceeded.Count + _uncountedSucceeded.Count;
        Failed = (Status.Failed ?? 0) + NewlyFailed.Count(p => FailurePolicy.Judge(Spec.PodFailurePolicy, p).Counts) + _uncountedFailed.Count;
        if (IsIndexed)
        {
            ReadIndexes();
        }
    }

    public Job Job { get; }

    public JobSpec Spec { get; }

    public List<Pod> Pods { get; }

    public DateTimeOffset Now { get; }

    /// <summary>The status to be.</summary>
    public JobStatus Status { get; }

    /// <summary>The pods that have neither ended nor been told to.</summary>
    public List<Pod> Active { get; }

    /// <summary>How many of them there are now; made and deleted pods change it.</summary>
    public int ActiveCount { get; set; }

    public int Ready { get; set; }

    public int Terminating { get; set; }

    public List<Pod> NewlySucceeded { get; }

    public List<Pod> NewlyFailed { get; }

    public int Succeeded { get; private set; }

    public int Failed { get; }

    /// <summary>The indexes that the status knows to have succeeded.</summary>
    public IndexSet Completed { get; private set; } = IndexSet.Empty;

    /// <summary>Those, and the ones of pods that are yet to be counted.</summary>
    public IndexSet SucceededIndexes { get; private set; } = IndexSet.Empty;

    /// <summary>The indexes that failed for good; null when indexes have no limit of their own.</summary>
    public IndexSet? FailedIndexes { get; private set; }

    /// <summary>The failed pod of each index that is to be replaced: it stays until then, as its successor takes over its count.</summary>
    public Dictionary<int, Pod> Kept { get; } = [];

    public bool IsIndexed => Spec.CompletionMode == "Indexed";

    public bool IsSuspended => Spec.Suspend == true;

    public int Completions => Spec.Completions ?? 0;

    public bool WasCountedSucceeded(Pod pod) => _uncountedSucceeded.Contains(pod.Metadata.Uid!);

    public bool WasCountedFailed(Pod pod) => _uncountedFailed.Contains(pod.Metadata.Uid!);

    /// <summary>Whether a pod still waits to be counted.</summary>
    public bool IsTracked(Pod pod) => JobPods.IsTracked(pod) && !_isReleased(pod);

    public static bool IsTerminating(Pod pod) => !PodState.IsTerminal(pod) && pod.Metadata.DeletionTimestamp is not null;

    /// <summary>The pod's index if the job has it.</summary>
    public int? ValidIndex(Pod pod) => JobPods.IndexOf(pod) is { } index && index < Completions ? index : null;

    private List<Pod> Uncounted(HashSet<string> counted) =>
        Pods.FindAll(p => IsTracked(p) && !counted.Contains(p.Metadata.Uid!) && (!IsIndexed || ValidIndex(p) is not null));

    private void ReadIndexes()
    {
        Completed = IndexSet.Parse(Status.CompletedIndexes, Completions);
        var tracked = Pods.FindAll(p => JobPods.IsTracked(p) && ValidIndex(p) is not null);
        SucceededIndexes = Completed.Union(IndexSet.Of(tracked.Where(p => p.Status?.Phase == "Succeeded").Select(p => ValidIndex(p)!.Value)));
        Succeeded = SucceededIndexes.Count;
        if (Spec.BackoffLimitPerIndex is null)
        {
            return;
        }

        FailedIndexes = IndexSet.Parse(Status.FailedIndexes, Completions).Union(IndexSet.Of(tracked.Where(FailsIndex).Select(p => ValidIndex(p)!.Value)));
        KeepFailed();
    }

    private bool FailsIndex(Pod pod)
    {
        if (!JobPods.IsFailed(pod, Spec))
        {
            return false;
        }

        var verdict = FailurePolicy.Judge(Spec.PodFailurePolicy, pod);
        return verdict.Action == "FailIndex" || (verdict.Counts && JobPods.FailuresBefore(pod) >= Spec.BackoffLimitPerIndex);
    }

    private void KeepFailed()
    {
        var active = Active.Select(JobPods.IndexOf).ToHashSet();
        foreach (var pod in Uncounted([]).Where(p => JobPods.IsFailed(p, Spec)))
        {
            var index = ValidIndex(pod)!.Value;
            if (SucceededIndexes.Contains(index) || FailedIndexes!.Contains(index) || active.Contains(index))
            {
                continue;
            }

            if (!Kept.TryGetValue(index, out var known) || (JobPods.AllFailuresBefore(known) <= JobPods.AllFailuresBefore(pod) && PodEnd.Of(pod) >= PodEnd.Of(known)))
            {
                Kept[index] = pod;
            }
        }
    }
}
