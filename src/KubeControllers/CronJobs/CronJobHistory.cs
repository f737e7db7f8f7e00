using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Batch;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.Jobs;

namespace Sealos.KubeControllers.CronJobs;

/// <summary>Keeps a cron job's account of its jobs: those that run, and as many of the ended ones as are to be kept.</summary>
internal sealed class CronJobHistory(ControllerContext context, EventRecorder events)
{
    private readonly KubeClient _client = context.Client;
    private readonly OwnWrites<Job> _writes = new(context.Informer<Job>(), context.Time);

    public Job Note(ObjectKey key, Job written) => _writes.Note(key, written);

    /// <summary>Whether the cache has yet to see jobs that were made or deleted.</summary>
    public bool AreUnseen(ObjectKey key, IReadOnlyList<Job> jobs) => _writes.AreUnseen(key) || jobs.Any(j => _writes.IsDeleted(j) && j.Metadata.DeletionTimestamp is null);

    /// <summary>Deletes the oldest of the ended jobs beyond the limits.</summary>
    public async Task EnsureFewFinishedAsync(CronJob owner, IReadOnlyList<Job> jobs, CancellationToken ct)
    {
        foreach (var job in Surplus(jobs, JobNames.Complete, owner.Spec!.SuccessfulJobsHistoryLimit).Concat(Surplus(jobs, JobNames.Failed, owner.Spec.FailedJobsHistoryLimit)))
        {
            await DeleteAsync(owner, job, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Takes ended and missing jobs off the list of those that run, and notes the last success.</summary>
    public async Task EnsureActiveListAsync(CronJob owner, IReadOnlyList<Job> jobs, CancellationToken ct)
    {
        var status = owner.Status!;
        foreach (var job in jobs)
        {
            var isListed = status.Active?.Exists(a => a.Uid == job.Metadata.Uid) == true;
            var end = JobConditions.End(job);
            if (end is null && !isListed)
            {
                events.Warning(owner, "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}");
            }
            else if (end is not null && isListed)
            {
                Forget(owner, job.Metadata.Uid);
                events.Normal(owner, "SawCompletedJob", $"Saw completed job: {job.Metadata.Name}, condition: {end.Type}");
            }

            if (end?.Type == JobNames.Complete && job.Status?.CompletionTime is { } time && (status.LastSuccessfulTime is null || time > status.LastSuccessfulTime))
            {
                status.LastSuccessfulTime = time;
            }
        }

        foreach (var missing in (status.Active ?? []).FindAll(a => !jobs.Any(j => j.Metadata.Uid == a.Uid)))
        {
            if (await _client.FindAsync<Job>(missing.Namespace, missing.Name!, ct).ConfigureAwait(false) is not { } job || job.Metadata.Uid != missing.Uid)
            {
                Forget(owner, missing.Uid);
                events.Normal(owner, "MissingJob", $"Active job went missing: {missing.Name}");
            }
        }
    }

    /// <summary>Deletes the jobs that run, for another to take their place; why that failed, or null.</summary>
    public async Task<Exception?> EndActiveAsync(CronJob owner, CancellationToken ct)
    {
        foreach (var active in (owner.Status!.Active ?? []).ToList())
        {
            var job = await _client.FindAsync<Job>(active.Namespace, active.Name!, ct).ConfigureAwait(false);
            if (job is null || job.Metadata.Uid != active.Uid)
            {
                Forget(owner, active.Uid);
            }
            else if (await DeleteAsync(owner, job, ct).ConfigureAwait(false) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }

    private static IEnumerable<Job> Surplus(IReadOnlyList<Job> jobs, string end, int? limit)
    {
        if (limit is null)
        {
            return [];
        }

        var ended = jobs.Where(j => j.Metadata.DeletionTimestamp is null && JobConditions.End(j)?.Type == end).ToList();
        return ended.OrderBy(j => j.Status?.StartTime ?? DateTimeOffset.MaxValue).ThenBy(j => j.Metadata.Name, StringComparer.Ordinal).Take(ended.Count - limit.Value);
    }

    private async Task<Exception?> DeleteAsync(CronJob owner, Job job, CancellationToken ct)
    {
        try
        {
            await _writes.DeleteAsync(_client, job, new DeleteOptions { PropagationPolicy = "Background" }, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            events.Warning(owner, "FailedDelete", $"Deleted job: {e.Message}");
            return e;
        }

        Forget(owner, job.Metadata.Uid);
        events.Normal(owner, "SuccessfulDelete", $"Deleted job {job.Metadata.Name}");
        return null;
    }

    private static void Forget(CronJob owner, string? uid) => owner.Status!.Active?.RemoveAll(a => a.Uid == uid);
}
