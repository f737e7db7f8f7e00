using System.Globalization;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.CronJobs;

/// <summary>Builds what a cron job makes.</summary>
internal static class CronJobObjects
{
    private const string ScheduledAt = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    /// <summary>The name tells the minute, so that no run is started twice.</summary>
    public static string JobName(CronJob owner, DateTimeOffset due) => string.Create(CultureInfo.InvariantCulture, $"{owner.Metadata.Name}-{due.ToUnixTimeSeconds() / 60}");

    /// <summary>The job of a run; <paramref name="zone"/> is the one that the cron job names, or UTC.</summary>
    public static Job Build(CronJob owner, DateTimeOffset due, TimeZoneInfo zone)
    {
        var template = owner.Spec!.JobTemplate!;
        var annotations = template.Metadata?.Annotations is { } known ? new Dictionary<string, string>(known) : [];
        annotations[ScheduledAt] = Written(TimeZoneInfo.ConvertTime(due, zone));
        return new Job
        {
            Metadata = new ObjectMeta
            {
                Name = JobName(owner, due),
                Namespace = owner.Metadata.Namespace,
                Labels = template.Metadata?.Labels,
                Annotations = annotations,
                OwnerReferences = [Owners.ControllerReference(owner)],
            },
            Spec = template.Spec,
        };
    }

    private static string Written(DateTimeOffset time) =>
        time.ToString(time.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
