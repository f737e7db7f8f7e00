using Sealos.Kinds.Batch;
using Sealos.Objects.Meta;

namespace Sealos.KubeControllers.CronJobs;

/// <summary>When a cron job's last run was due.</summary>
/// <param name="Due">The last due time that has not been dealt with, or null when there is none.</param>
/// <param name="Since">Since when runs may be due.</param>
/// <param name="Missed">Roughly how many runs were due in that time.</param>
internal readonly record struct LastDue(DateTimeOffset? Due, DateTimeOffset Since, long Missed);

/// <summary>The times of one cron job's schedule, by the clocks of its zone.</summary>
internal sealed class CronTimes(CronSchedule schedule, TimeZoneInfo zone)
{
    /// <summary>Added to what is waited, so that a clock that is set back a little does not bring the run a moment early.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(100);

    /// <summary>So many missed runs suggest that something is wrong with the clocks.</summary>
    public const int ManyMissed = 100;

    /// <summary>The last run that is due; null as a whole for a schedule that never comes.</summary>
    public LastDue? Last(CronJob job, DateTimeOffset now, bool withDeadline)
    {
        var since = job.Status?.LastScheduleTime ?? job.Metadata.CreationTimestamp ?? now;
        if (withDeadline && job.Spec!.StartingDeadlineSeconds is { } seconds && Before(now, seconds) is var earliest && earliest > since)
        {
            since = earliest;
        }

        var (first, second) = schedule.Next(since, zone) is { } next ? (next, schedule.Next(next, zone)) : (default, null);
        if (second is null)
        {
            return null;
        }

        if (now < second)
        {
            return now < first ? new LastDue(null, since, 0) : new LastDue(first, since, 1);
        }

        // Counted by the first interval, for the days in between may be many; the last one is then found exactly.
        var interval = Math.Max(1, (long)Math.Round((second.Value - first).TotalSeconds));
        var missed = ((long)(now - first).TotalSeconds / interval) + 1;
        return new LastDue(LastUntil(first, missed - 2, interval, now), since, missed);
    }

    /// <summary>How long until the next run is due.</summary>
    public TimeSpan UntilNext(CronJob job, DateTimeOffset now)
    {
        var last = Last(job, now, withDeadline: false);
        var from = last switch
        {
            null => now,
            { Due: { } due } => due,
            { Missed: 0, Since: var since } => since,
            _ => now,
        };
        var next = schedule.Next(from, zone);
        return next is null ? TimeSpan.MaxValue : next.Value + Margin - now;
    }

    // Where the schedule pauses, as at night, the estimate lies after the last run; then the search begins ever earlier.
    private DateTimeOffset LastUntil(DateTimeOffset first, long intervals, long interval, DateTimeOffset now)
    {
        for (long back = 0; back < intervals; back = (back * 2) + 1)
        {
            if (schedule.Next(first.AddSeconds((intervals - back) * interval), zone) is { } run && run <= now)
            {
                return Last(run, now);
            }
        }

        return Last(first, now);
    }

    private DateTimeOffset Last(DateTimeOffset run, DateTimeOffset now)
    {
        while (schedule.Next(run, zone) is { } next && next <= now)
        {
            run = next;
        }

        return run;
    }

    private static DateTimeOffset Before(DateTimeOffset now, long seconds) =>
        seconds < (now - DateTimeOffset.UnixEpoch).TotalSeconds ? now.AddSeconds(-seconds) : DateTimeOffset.UnixEpoch;
}
