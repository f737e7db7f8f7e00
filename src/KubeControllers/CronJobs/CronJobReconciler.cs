using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Batch;
using Sealos.KubeControllers.Common;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers.CronJobs;

/// <summary>Starts a cron job's jobs when they are due, and clears away those that have ended.</summary>
internal sealed class CronJobReconciler : IReconciler
{
    // The clock may be set while we wait, and then a run is due sooner than it seemed.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly KubeClient _client;
    private readonly Informer<CronJob> _cronJobs;
    private readonly Informer<Job> _jobs;
    private readonly CronJobHistory _history;
    private readonly OwnWrites<CronJob> _writes;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;

    public CronJobReconciler(ControllerContext context, EventRecorder events)
    {
        _client = context.Client;
        _cronJobs = context.Informer<CronJob>();
        _jobs = context.Informer<Job>();
        _history = new CronJobHistory(context, events);
        _writes = new OwnWrites<CronJob>(_cronJobs, context.Time);
        _events = events;
        _time = context.Time;
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_cronJobs.Get(key.Namespace, key.Name) is not { Spec: { JobTemplate: not null } spec } cached)
        {
            return ReconcileResult.Done;
        }

        var jobs = _jobs.ByIndex(CronJobController.OwnerIndex, cached.Metadata.Uid!);
        if (_writes.AreUnseen(key) || _history.AreUnseen(key, jobs))
        {
            return ReconcileResult.After(OwnWrites<CronJob>.Lag);
        }

        var job = new CronJob { Metadata = cached.Metadata, Spec = spec, Status = cached.Status is null ? new CronJobStatus() : KubeJson.Clone(cached.Status) };
        await _history.EnsureFewFinishedAsync(job, jobs, ct).ConfigureAwait(false);
        await _history.EnsureActiveListAsync(job, jobs, ct).ConfigureAwait(false);
        var run = job.Metadata.DeletionTimestamp is null && spec.Suspend != true ? await EnsureRunAsync(key, job, ct).ConfigureAwait(false) : default;
        await EnsureStatusAsync(key, cached, job, ct).ConfigureAwait(false);
        if (run.Failure is { } failure)
        {
            // Rethrown only now, so that the status tells what was done while the queue backs off.
            throw failure;
        }

        return new ReconcileResult(run.Next);
    }

    private async Task<Run> EnsureRunAsync(ObjectKey key, CronJob job, CancellationToken ct)
    {
        var spec = job.Spec!;
        var zone = _time.LocalTimeZone;
        if (spec.TimeZone is { } name && !TimeZones.TryFind(name, out zone))
        {
            _events.Warning(job, "UnknownTimeZone", $"invalid timeZone: \"{name}\": unknown time zone {name}");
            return default;
        }

        if (!CronSchedule.TryParse(spec.Schedule ?? "", out var schedule, out var error))
        {
            _events.Warning(job, "UnparseableSchedule", $"unparseable schedule: \"{spec.Schedule}\" : {error}");
            return default;
        }

        var (times, now) = (new CronTimes(schedule, zone!), _time.GetUtcNow());
        if (times.Last(job, now, withDeadline: true) is not { } last)
        {
            _events.Warning(job, "InvalidSchedule", $"invalid schedule: {spec.Schedule} : time difference between two schedules is less than 1 second");
            return default;
        }

        var failure = IsToStart(job, last, now) ? await StartAsync(key, job, (last.Due!.Value, spec.TimeZone is null ? TimeZoneInfo.Utc : zone!), ct).ConfigureAwait(false) : null;

        // Once something was due in a minute, nothing more can start in it, however often the schedule comes.
        var (next, least) = (times.UntilNext(job, now), last.Due is { } due ? MinuteAfter(due) + CronTimes.Margin - now : TimeSpan.Zero);
        next = next > least ? next : least;
        return new Run(next < LongestSleep ? next : LongestSleep, failure);
    }

    private static DateTimeOffset MinuteAfter(DateTimeOffset due) => due.AddTicks(TimeSpan.TicksPerMinute - (due.UtcTicks % TimeSpan.TicksPerMinute));

    private bool IsToStart(CronJob job, LastDue last, DateTimeOffset now)
    {
        if (last.Due is not { } due)
        {
            return false;
        }

        if (last.Missed > CronTimes.ManyMissed)
        {
            _events.Warning(job, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }

        if (job.Spec!.StartingDeadlineSeconds is { } seconds && (now - due).TotalSeconds > seconds)
        {
            _events.Warning(job, "MissSchedule", $"Missed scheduled time to start a job: {due.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000");
            return false;
        }

        var active = job.Status!.Active ?? [];
        if ((job.Status.LastScheduleTime is { } started && CronJobObjects.JobName(job, started) == CronJobObjects.JobName(job, due)) || active.Exists(a => a.Name == CronJobObjects.JobName(job, due)))
        {
            return false;
        }

        if (job.Spec.ConcurrencyPolicy == "Forbid" && active.Count > 0)
        {
            _events.Normal(job, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return false;
        }

        return true;
    }

    private async Task<Exception?> StartAsync(ObjectKey key, CronJob job, (DateTimeOffset Due, TimeZoneInfo Zone) run, CancellationToken ct)
    {
        if (job.Spec!.ConcurrencyPolicy == "Replace" && await _history.EndActiveAsync(job, ct).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        var wanted = CronJobObjects.Build(job, run.Due, run.Zone);
        Job? started;
        try
        {
            started = _history.Note(key, await _client.CreateAsync(wanted, ct).ConfigureAwait(false));
            _events.Normal(job, "SuccessfulCreate", $"Created job {started.Metadata.Name}");
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Made before a crash, when there was no time left to say so; or somebody else's.
            started = await _client.FindAsync<Job>(wanted.Metadata.Namespace, wanted.Metadata.Name!, ct).ConfigureAwait(false);
            if (started is null || !Owners.IsControlledBy(started, job))
            {
                return null;
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            if (!Refusals.IsNamespaceTerminating(e))
            {
                _events.Warning(job, "FailedCreate", $"Error creating job: {e.Message}");
            }

            return e;
        }

        (job.Status!.Active ??= []).Add(ObjectReferences.To(started));
        job.Status.LastScheduleTime = run.Due;
        return null;
    }

    private async Task EnsureStatusAsync(ObjectKey key, CronJob cached, CronJob job, CancellationToken ct)
    {
        if (job.Status!.Active is { Count: 0 })
        {
            job.Status.Active = null;
        }

        if (JsonSame.As(job.Status, cached.Status ?? new CronJobStatus()))
        {
            return;
        }

        try
        {
            _writes.Note(key, await _client.UpdateStatusAsync(job, ct).ConfigureAwait(false));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Deleted meanwhile.
        }
    }

    /// <summary>What came of looking for a run that is due.</summary>
    private readonly record struct Run(TimeSpan? Next, Exception? Failure);
}
