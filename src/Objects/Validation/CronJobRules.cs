using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Cron jobs.</summary>
internal static partial class CronJobRules
{
    // Their jobs' names end with a time, and must still fit into a label.
    private const int LongestName = 52;

    public static void Check(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        Schedule(spec.Text("schedule") ?? "", errors);
        errors.NonNegative("spec.startingDeadlineSeconds", spec.Number("startingDeadlineSeconds"));
        var template = spec.Child("jobTemplate", "spec") ?? [];
        JobRules.Spec(template, "spec.jobTemplate.spec", errors);
        if (template.Child("selector") is { } selector)
        {
            errors.InvalidRaw("spec.jobTemplate.spec.selector", GoText.Selector(selector), "`selector` will be auto-generated");
        }

        if (template.Flag("manualSelector") == true)
        {
            errors.NotSupported("spec.jobTemplate.spec.manualSelector", "true", ["nil", "false"]);
        }

        errors.NonNegative("spec.successfulJobsHistoryLimit", spec.Number("successfulJobsHistoryLimit"));
        errors.NonNegative("spec.failedJobsHistoryLimit", spec.Number("failedJobsHistoryLimit"));
    }

    public static void CheckNew(JsonObject obj, ErrorList errors)
    {
        var name = obj.Child("metadata").Text("name") ?? "";
        if (name.Length > LongestName)
        {
            errors.Invalid("metadata.name", name, "must be no more than 52 characters");
        }

        TimeZone(obj.Child("spec").Text("timeZone"), errors);
    }

    public static void Change(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var zone = obj.Child("spec").Text("timeZone");
        if (zone != old.Child("spec").Text("timeZone"))
        {
            TimeZone(zone, errors);
        }
    }

    private static void Schedule(string schedule, ErrorList errors)
    {
        const string Path = "spec.schedule";
        if (schedule.Length == 0)
        {
            errors.Required(Path);
            return;
        }

        var hasZone = schedule.StartsWith("TZ=", StringComparison.Ordinal) || schedule.StartsWith("CRON_TZ=", StringComparison.Ordinal);
        var written = hasZone && schedule.IndexOf(' ', StringComparison.Ordinal) is > 0 and var end ? schedule[end..].Trim() : schedule;
        if (!CronSchedule.TryParse(written, out _, out var detail))
        {
            errors.Invalid(Path, schedule, detail);
        }

        if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            errors.Invalid(Path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
    }

    private static void TimeZone(string? zone, ErrorList errors)
    {
        const string Path = "spec.timeZone";
        if (zone is null)
        {
            return;
        }

        if (zone.Length == 0)
        {
            errors.Invalid(Path, zone, "timeZone must be nil or non-empty string");
            return;
        }

        // The name becomes a path under the folder of time zones, so it is judged before anything is opened.
        if (zone.Split('/').Any(part => part is "." or ".." || part.StartsWith('-') || !ZonePartRegex().IsMatch(part)))
        {
            errors.Invalid(Path, zone, $"unknown time zone {zone}");
            return;
        }

        if (zone.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            errors.Invalid(Path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        }

        if (!TimeZones.TryFind(zone, out _))
        {
            errors.Invalid(Path, zone, $"unknown time zone {zone}");
        }
    }

    [GeneratedRegex(@"^[A-Za-z.\-_0-9+]{1,14}\z")]
    private static partial Regex ZonePartRegex();
}
