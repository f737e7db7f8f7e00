using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>
/// What a job's status may become. Jobs can be run by others than this cloud's controller, and whoever waits for one must be
/// able to rely on what its status says; a rule is applied where what it is about changes.
/// </summary>
internal static class JobStatusRules
{
    private const string Conditions = "status.conditions";

    private static readonly string[] Terminal = ["Failed", "Complete", "FailureTarget"];

    /// <summary>An update by way of a subresource, of which there is only the status.</summary>
    public static void Part(JsonObject obj, JsonObject old, string subresource, ErrorList errors)
    {
        if (subresource == "status")
        {
            var change = new StatusChange(obj, old);
            Counts(change, errors);
            Uncounted(change.Now.Child("uncountedTerminatedPods"), errors);
            Ends(change, errors);
            Finished(change, errors);
            Indexes(change, errors);
            Transitions(change, errors);
        }
    }

    private static void Counts(StatusChange change, ErrorList errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["active", "succeeded", "failed", "ready", "terminating"])
        {
            errors.NonNegative($"status.{field}", change.Now.Number(field));
        }

        if (change.AnyOf("ready", "active") && change.Now.Number("ready") is { } ready && ready > (change.Now.Number("active") ?? 0))
        {
            errors.Invalid("status.ready", ready, "cannot set more ready pods than active");
        }
    }

    private static void Uncounted(JsonObject? uncounted, ErrorList errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in (ReadOnlySpan<string>)["succeeded", "failed"])
        {
            var i = 0;
            foreach (var uid in uncounted.Texts(list))
            {
                var path = $"status.uncountedTerminatedPods.{list}[{i++}]";
                if (uid.Length == 0)
                {
                    errors.Invalid(path, uid, "must not be empty");
                }
                else if (!seen.Add(uid))
                {
                    errors.Duplicate(path, uid);
                }
            }
        }
    }

    private static void Ends(StatusChange change, ErrorList errors)
    {
        var (status, isComplete) = (change.Now, change.Is("Complete"));
        Forbid(change.Turned("Complete", "Failed") && isComplete && change.Is("Failed"), "cannot set Complete=True and Failed=true conditions", errors);
        Forbid(change.Turned("Complete", "FailureTarget") && isComplete && change.Is("FailureTarget"), "cannot set Complete=True and FailureTarget=true conditions", errors);
        Forbid((change.Turned("Failed") || change.AnyOf("failedIndexes")) && change.Is("Failed") && !change.Is("FailureTarget"), "cannot set Failed=True condition without the FailureTarget=true condition", errors);
        Forbid(change.Turned("Complete", "SuccessCriteriaMet") && isComplete && !change.Is("SuccessCriteriaMet"), "cannot set Complete=True condition without the SuccessCriteriaMet=true condition", errors);
        Forbid(change.Is("SuccessCriteriaMet") && change.Is("Failed"), "cannot set SuccessCriteriaMet=True and Failed=true conditions", errors);
        Forbid(change.Is("SuccessCriteriaMet") && change.Is("FailureTarget"), "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions", errors);
        Forbid(change.Spec["successPolicy"] is not null && isComplete && !change.Is("SuccessCriteriaMet"), "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True", errors);
        if (!change.Turned("Complete") && !change.AnyOf("completionTime", "startTime"))
        {
            return;
        }

        var (start, end) = (Time(status, "startTime"), Time(status, "completionTime"));
        if (end is not null && !isComplete)
        {
            errors.Invalid("status.completionTime", status["completionTime"], "cannot set completionTime when there is no Complete=True condition");
        }

        if (end is null && isComplete)
        {
            errors.Required("status.completionTime", "completionTime is required for Complete jobs");
        }

        if (end < start)
        {
            errors.Invalid("status.completionTime", status["completionTime"], "completionTime cannot be set before startTime");
        }
    }

    private static void Finished(StatusChange change, ErrorList errors)
    {
        if (!change.IsFinished)
        {
            return;
        }

        var (status, hasFinished) = (change.Now, change.Turned("Complete") || change.Turned("Failed"));
        if ((hasFinished || change.AnyOf("active")) && status.Number("active") > 0)
        {
            errors.Invalid("status.active", status["active"], "active>0 is invalid for finished job");
        }

        var isEmpty = change.Spec.Flag("suspend") == true && change.Spec.Number("completions") == 0;
        if ((hasFinished || change.AnyOf("startTime")) && !isEmpty && status["startTime"] is null)
        {
            errors.Required("status.startTime", "startTime is required for finished job");
        }

        var uncounted = status.Child("uncountedTerminatedPods");
        if ((hasFinished || change.AnyOf("uncountedTerminatedPods")) && (uncounted.Texts("succeeded").Any() || uncounted.Texts("failed").Any()))
        {
            errors.Invalid("status.uncountedTerminatedPods", uncounted, "uncountedTerminatedPods needs to be empty for finished job");
        }

        if ((hasFinished || change.AnyOf("terminating")) && status.Number("terminating") > 0)
        {
            errors.Invalid("status.terminating", status["terminating"], "terminating>0 is invalid for finished job");
        }
    }

    private static void Indexes(StatusChange change, ErrorList errors)
    {
        var (completed, failed, completions) = (change.Now.Text("completedIndexes") ?? "", change.Now.Text("failedIndexes"), change.Spec.Number("completions"));
        if (change.AnyOf("completedIndexes"))
        {
            Readable("completedIndexes", completed, completions, errors);
            if (completed.Length > 0 && !JobRules.IsIndexed(change.Spec))
            {
                errors.Invalid("status.completedIndexes", completed, "cannot set non-empty completedIndexes when non-indexed completion mode");
            }
        }

        if (failed is not null && change.AnyOf("failedIndexes"))
        {
            if (change.Spec["backoffLimitPerIndex"] is null)
            {
                errors.Invalid("status.failedIndexes", failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
            }
            else
            {
                Readable("failedIndexes", failed, completions, errors);
            }
        }

        if (failed is not null && completions is not null && change.AnyOf("failedIndexes", "completedIndexes") && IndexListRules.Overlap(completed, failed, completions.Value) is { } both)
        {
            errors.Invalid("status.failedIndexes", failed, $"failedIndexes and completedIndexes overlap at index: {both}");
        }
    }

    private static void Readable(string field, string text, long? completions, ErrorList errors)
    {
        if (completions is not null && IndexListRules.Measure(text, completions.Value).Error is { } error)
        {
            errors.Invalid($"status.{field}", text, $"error parsing {field}: {error}");
        }
    }

    private static void Transitions(StatusChange change, ErrorList errors)
    {
        var (now, old, spec) = (change.Now, change.Old, change.Spec);
        foreach (var type in Terminal)
        {
            Forbid(change.Was(type) && !change.Is(type), $"cannot disable the terminal {type}=True condition", errors);
        }

        if ((now.Number("failed") ?? 0) < (old.Number("failed") ?? 0))
        {
            errors.Invalid("status.failed", now.Number("failed") ?? 0, "cannot decrease the failed counter");
        }

        var mayShrink = JobRules.IsIndexed(spec) && spec.Number("completions") == spec.Number("parallelism");
        if (!mayShrink && (now.Number("succeeded") ?? 0) < (old.Number("succeeded") ?? 0))
        {
            errors.Invalid("status.succeeded", now.Number("succeeded") ?? 0, "cannot decrease the succeeded counter");
        }

        if (Time(now, "completionTime") is { } end && Time(old, "completionTime") is { } before && end != before)
        {
            errors.Invalid("status.completionTime", now["completionTime"], "completionTime cannot be mutated");
        }

        var isResuming = change.Was("Suspended") && change.Stands("Suspended", "False");
        if (old["startTime"] is not null && change.AnyOf("startTime") && !isResuming && spec.Flag("suspend") != true)
        {
            errors.Required("status.startTime", "startTime cannot be removed for unsuspended job");
        }

        Forbid(change.Was("SuccessCriteriaMet") && !change.Is("SuccessCriteriaMet"), "cannot disable the SuccessCriteriaMet=True condition", errors);
        Forbid(change.Was("Complete") && !change.Was("SuccessCriteriaMet") && change.Is("SuccessCriteriaMet"), "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions", errors);
    }

    private static void Forbid(bool isWrong, string detail, ErrorList errors)
    {
        if (isWrong)
        {
            errors.Add(new FieldError(FieldErrorType.Invalid, Conditions, null, detail));
        }
    }

    private static DateTimeOffset? Time(JsonObject? status, string field) => KubeTime.TryParse(status.Text(field), out var time) ? time : null;

    /// <summary>A status, and the one it replaces.</summary>
    private sealed class StatusChange(JsonObject obj, JsonObject old)
    {
        public JsonObject Spec { get; } = obj.Child("spec") ?? [];

        public JsonObject Now { get; } = obj.Child("status") ?? [];

        public JsonObject Old { get; } = old.Child("status") ?? [];

        public bool IsFinished => Is("Complete") || Is("Failed");

        public bool Is(string type) => Stands(type, "True");

        public bool Was(string type) => Has(Old, type, "True");

        public bool Stands(string type, string status) => Has(Now, type, status);

        public bool Turned(params ReadOnlySpan<string> types)
        {
            foreach (var type in types)
            {
                if (Is(type) != Was(type))
                {
                    return true;
                }
            }

            return false;
        }

        public bool AnyOf(params ReadOnlySpan<string> fields)
        {
            foreach (var field in fields)
            {
                if (!JsonNode.DeepEquals(Now[field], Old[field]))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool Has(JsonObject status, string type, string value) =>
            status.Objects("conditions").Any(c => c.Text("type") == type && c.Text("status") == value);
    }
}
