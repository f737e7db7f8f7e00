using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Runs a job's pods until enough of them have succeeded, or too many have failed.</summary>
internal sealed class JobReconciler : IReconciler
{
    private readonly Informer<Job> _jobs;
    private readonly PodLookup _pods;
    private readonly JobPodWriter _writer;
    private readonly JobStatusWriter _status;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly Claims<Job, Pod> _claims;
    private readonly PodBackoff _backoff = new();

    public JobReconciler(ControllerContext context, EventRecorder events)
    {
        _jobs = context.Informer<Job>();
        _pods = context.Pods;
        _writer = new JobPodWriter(context, events);
        _status = new JobStatusWriter(context);
        _events = events;
        _time = context.Time;
        _claims = new Claims<Job, Pod>(context.Client, JobNames.Finalizer);
    }

    /// <summary>Whether somebody else runs a job.</summary>
    public static bool IsManagedElsewhere(Job job) => job.Spec?.ManagedBy is { } manager && manager != JobNames.Manager;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var job = _jobs.Get(key.Namespace, key.Name);
        if (job is not { Spec: { Template: not null, Selector: { } selector } } || IsManagedElsewhere(job) || JobConditions.IsFinished(job))
        {
            _backoff.Forget(key);
            return ReconcileResult.Done;
        }

        if (_writer.AreUnseen(key) || _status.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<Pod>.Lag);
        }

        var pods = await _claims.ClaimAsync(job, selector, _pods.OwnedOrOrphaned(job).ToList(), ct).ConfigureAwait(false);
        if (pods.Exists(_writer.IsDeleted))
        {
            return ReconcileResult.After(OwnWrites<Pod>.Lag);
        }

        var round = new JobRound(job, pods, _writer.IsReleased, _time.GetUtcNow());
        return await RunAsync(key, round, ct).ConfigureAwait(false);
    }

    private async Task<ReconcileResult> RunAsync(ObjectKey key, JobRound round, CancellationToken ct)
    {
        EnsureStarted(round);
        var failures = _backoff[key].After(round.NewlySucceeded, round.NewlyFailed);
        var end = JobOutcome.Decide(round);
        var step = end is null ? await EnsurePodsAsync(round, failures, ct).ConfigureAwait(false) : await EnsureNoneActiveAsync(round, ct).ConfigureAwait(false);

        // A job has not ended before its pods were told to.
        end = step.Failure is not null ? null : end ?? JobOutcome.Complete(round);
        var suspension = end is null && step.IsManaged ? EnsureSuspension(round) : null;
        var failure = await EnsureCountedAsync(key, round, (end, failures), ct).ConfigureAwait(false) ?? step.Failure;
        suspension?.Invoke();
        if (failure is not null)
        {
            // Rethrown only now, so that the status tells what was done while the queue backs off.
            throw failure;
        }

        return new ReconcileResult(Sooner(step.Wait, end is null ? JobOutcome.UntilDeadline(round) : null));
    }

    private static void EnsureStarted(JobRound round)
    {
        if (!round.IsSuspended)
        {
            round.Status.StartTime ??= round.Now;
        }
    }

    private async Task<Step> EnsurePodsAsync(JobRound round, Failures failures, CancellationToken ct)
    {
        if (round.Job.Metadata.DeletionTimestamp is not null)
        {
            return default;
        }

        var plan = JobPlan.Of(round, failures);
        var (deleted, deletion) = await _writer.DeleteAsync(round.Job, plan.Delete, isCounted: false, ct).ConfigureAwait(false);
        NoteDeleted(round, deleted);
        var (made, creation) = await _writer.CreateAsync(round, plan.Create, ct).ConfigureAwait(false);
        round.ActiveCount += made;
        return new Step(IsManaged: true, plan.Wait, deletion ?? creation);
    }

    private async Task<Step> EnsureNoneActiveAsync(JobRound round, CancellationToken ct)
    {
        var (deleted, failure) = await _writer.DeleteAsync(round.Job, round.Active, isCounted: true, ct).ConfigureAwait(false);
        NoteDeleted(round, deleted);
        return new Step(IsManaged: false, null, failure);
    }

    private static void NoteDeleted(JobRound round, List<Pod> deleted)
    {
        round.ActiveCount -= deleted.Count;
        round.Terminating += deleted.Count;
        round.Ready -= deleted.Count(PodState.IsReady);
    }

    // What is to be said once it is written, or null.
    private Action? EnsureSuspension(JobRound round)
    {
        var (reason, text) = round.IsSuspended ? ("Suspended", "Job suspended") : ("Resumed", "Job resumed");
        if (!JobConditions.Set(round.Status, JobConditions.New(JobNames.Suspended, "Job" + reason, text, round.Now, round.IsSuspended)))
        {
            return null;
        }

        if (!round.IsSuspended)
        {
            // The deadline is about the time in which the job ran without a break.
            round.Status.StartTime = round.Now;
        }

        return () => _events.Normal(round.Job, reason, text);
    }

    private async Task<Exception?> EnsureCountedAsync(ObjectKey key, JobRound round, (JobCondition? End, Failures Failures) outcome, CancellationToken ct)
    {
        var tracked = round.Pods.Where(round.IsTracked).Select(p => p.Metadata.Uid!).ToHashSet(StringComparer.Ordinal);
        JobCounting.Settle(round.Status, tracked);
        var (release, isAll) = JobCounting.Note(round, outcome.End);
        var last = JobEnding.Announce(round, outcome.End);
        JobEnding.CountPods(round);
        var job = round.Job;
        if (!JsonSame.As(round.Status, job.Status))
        {
            job = await _status.WriteAsync(key, job, round.Status, ct).ConfigureAwait(false);
            _backoff[key] = outcome.Failures;
        }

        var (left, failure) = await _writer.ReleaseAsync(release, ct).ConfigureAwait(false);
        tracked.ExceptWith(release.Except(left).Select(p => p.Metadata.Uid!));
        JobCounting.Settle(round.Status, tracked);
        var hasEnded = failure is null && isAll && JobEnding.Enact(round, last);
        if (!JsonSame.As(round.Status, job.Status))
        {
            await _status.WriteAsync(key, job, round.Status, ct).ConfigureAwait(false);
        }

        if (hasEnded)
        {
            _backoff.Forget(key);
            JobEnding.Tell(round, last!, _events);
        }

        return failure;
    }

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b ?? a : a;

    /// <summary>What came of looking after pods.</summary>
    private readonly record struct Step(bool IsManaged, TimeSpan? Wait, Exception? Failure);
}
