using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Jobs and cron jobs.</summary>
internal static class BatchRules
{
    private static readonly string[] JobMutable =
        ["parallelism", "activeDeadlineSeconds", "podFailurePolicy", "backoffLimit", "ttlSecondsAfterFinished", "suspend", "template", "completions"];

    private static readonly string[] Counts = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "backoffLimitPerIndex", "maxFailedIndexes", "ttlSecondsAfterFinished"];

    public static void Job(JsonObject obj, ErrorList errors) => JobSpec(obj.Child("spec") ?? [], "spec", errors);

    public static void JobChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (spec, before) = (obj.Child("spec") ?? [], old.Child("spec") ?? []);
        foreach (var field in spec.Select(p => p.Key).Union(before.Select(p => p.Key)))
        {
            if (!JobMutable.Contains(field))
            {
                errors.Immutable($"spec.{field}", spec[field], before[field]);
            }
        }

        var isElastic = spec.Text("completionMode") == "Indexed" && spec.Number("completions") == spec.Number("parallelism");
        if (!isElastic)
        {
            errors.Immutable("spec.completions", spec["completions"], before["completions"]);
        }

        if (before.Flag("suspend") != true)
        {
            errors.Immutable("spec.template", spec["template"], before["template"]);
        }
    }

    public static void CronJob(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        var schedule = spec.Text("schedule") ?? "";
        if (schedule.Length == 0)
        {
            errors.Required("spec.schedule");
        }
        else if (CronFormat.Explain(schedule) is { } detail)
        {
            errors.Invalid("spec.schedule", schedule, detail);
        }

        if (spec.Text("timeZone") is { } zone && (zone.Length == 0 || zone == "Local" || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)))
        {
            errors.Invalid("spec.timeZone", zone, zone == "Local" ? "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones" : $"unknown time zone {zone}");
        }

        foreach (var field in (ReadOnlySpan<string>)["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"])
        {
            errors.NonNegative($"spec.{field}", spec.Number(field));
        }

        JobSpec(spec.Child("jobTemplate", "spec") ?? [], "spec.jobTemplate.spec", errors);
    }

    /// <summary>A cron job's name leaves room for the time its jobs carry.</summary>
    public static IEnumerable<string> CronJobName(string name) =>
        [.. NameRules.DnsSubdomain(name), .. name.Length > 52 ? ["must be no more than 52 characters"] : Array.Empty<string>()];

    private static void JobSpec(JsonObject spec, string path, ErrorList errors)
    {
        foreach (var field in Counts)
        {
            errors.NonNegative($"{path}.{field}", spec.Number(field));
        }

        PodRules.Template(spec.Child("template"), $"{path}.template", errors);
        SelectorRules.Selector(spec.Child("selector"), $"{path}.selector", errors);
        if (spec.Child("template", "spec").Text("restartPolicy") is var policy && policy is not ("OnFailure" or "Never"))
        {
            errors.NotSupported($"{path}.template.spec.restartPolicy", policy ?? "", ["Never", "OnFailure"]);
        }

        if (spec.Text("completionMode") == "Indexed" && spec["completions"] is null)
        {
            errors.Required($"{path}.completions", "when completion mode is Indexed");
        }
    }
}
