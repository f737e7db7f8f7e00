using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Jobs.</summary>
internal static class JobRules
{
    private const int MostAtOnce = 100_000;
    private const int ManyCompletions = 100_000;
    private const int MostAtOnceWithMany = 10_000;
    private const int LongestManager = 63;

    private static readonly string[] Immutable = ["selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"];
    private static readonly string[] Counts = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"];

    public static void Check(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        GeneratedSelector(obj, spec, errors);
        Spec(spec, "spec", errors);
        Selector(spec, errors);
        if (IsIndexed(spec) && spec.Number("completions") is > 0 and var completions)
        {
            var name = obj.Child("metadata").Text("name") ?? "";
            var longest = string.Create(CultureInfo.InvariantCulture, $"{name}-{completions - 1}");
            if (NameRules.DnsLabel(longest).Any())
            {
                errors.Invalid("metadata.name", name, $"will not able to create pod with invalid DNS label: {longest}");
            }
        }
    }

    public static void Change(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (spec, before) = (obj.Child("spec") ?? [], old.Child("spec") ?? []);
        Completions(spec, before, errors);
        var mayMove = before.Flag("suspend") == true && old.Child("status")?["startTime"] is null;
        errors.Immutable("spec.template", spec["template"], mayMove ? WithDirectivesOf(before.Child("template"), spec.Child("template")) : before["template"]);
        foreach (var field in Immutable)
        {
            if (field == "selector")
            {
                errors.ImmutableSelector("spec.selector", spec.Child(field), before.Child(field));
                continue;
            }

            errors.Immutable($"spec.{field}", spec[field], before[field]);
        }
    }

    /// <summary>What holds for the spec of a job and of a template of jobs.</summary>
    public static void Spec(JsonObject spec, string path, ErrorList errors)
    {
        foreach (var field in Counts)
        {
            errors.NonNegative($"{path}.{field}", spec.Number(field));
        }

        if (spec["maxFailedIndexes"] is not null && spec["backoffLimitPerIndex"] is null)
        {
            errors.Required($"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified");
        }

        Manager(spec.Text("managedBy"), $"{path}.managedBy", errors);
        Indexes(spec, path, errors);
        JobPolicyRules.Failure(spec, $"{path}.podFailurePolicy", errors);
        JobPolicyRules.Success(spec, $"{path}.successPolicy", errors);
        if (spec.Child("podFailurePolicy") is not null && spec.Text("podReplacementPolicy") is { Length: > 0 } and not "Failed" and var policy)
        {
            errors.NotSupported($"{path}.podReplacementPolicy", policy, ["Failed"]);
        }

        PodRules.Template(spec.Child("template"), $"{path}.template", errors);
        Restarts(spec, $"{path}.template.spec.restartPolicy", errors);
    }

    public static bool IsIndexed(JsonObject? spec) => spec.Text("completionMode") == "Indexed";

    private static void Restarts(JsonObject spec, string path, ErrorList errors)
    {
        switch (spec.Child("template", "spec").Text("restartPolicy"))
        {
            case null or "" or "Always":
                errors.Required(path, "valid values: \"OnFailure\", \"Never\"");
                break;
            case "OnFailure" when spec.Child("podFailurePolicy") is not null:
                errors.Invalid(path, "OnFailure", "only \"Never\" is supported when podFailurePolicy is specified");
                break;
            case "OnFailure" or "Never":
                break;
            case var unknown:
                errors.NotSupported(path, unknown, ["Never", "OnFailure"]);
                break;
        }
    }

    private static void Manager(string? manager, string path, ErrorList errors)
    {
        if (manager is null)
        {
            return;
        }

        // A domain, a slash, and something that may stand in a URL's path.
        var slash = manager.IndexOf('/', StringComparison.Ordinal);
        if (manager.Length == 0)
        {
            errors.Required(path);
        }
        else if (slash <= 0 || slash == manager.Length - 1)
        {
            errors.Invalid(path, manager, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
        else
        {
            errors.Check(path, manager[..slash], NameRules.DnsSubdomain(manager[..slash]));
            if (!NameRules.IsHttpPath(manager[(slash + 1)..]))
            {
                errors.Invalid(path, manager[(slash + 1)..], NameRules.Explain("Invalid path", "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"));
            }
        }

        if (manager.Length > LongestManager)
        {
            errors.TooLong(path, LongestManager);
        }
    }

    private static void Indexes(JsonObject spec, string path, ErrorList errors)
    {
        var (completions, parallelism, mostFailed) = (spec.Number("completions"), spec.Number("parallelism"), spec.Number("maxFailedIndexes"));
        if (!IsIndexed(spec))
        {
            foreach (var field in new[] { "backoffLimitPerIndex", "maxFailedIndexes" }.Where(f => spec[f] is not null))
            {
                errors.Invalid($"{path}.{field}", spec[field], "requires indexed completion mode");
            }

            return;
        }

        if (completions is null)
        {
            errors.Required($"{path}.completions", "when completion mode is Indexed");
        }

        AtMost($"{path}.parallelism", parallelism, MostAtOnce, "must be less than or equal to 100000 when completion mode is Indexed", errors);
        AtMost($"{path}.maxFailedIndexes", mostFailed, completions ?? long.MaxValue, "must be less than or equal to completions", errors);
        AtMost($"{path}.maxFailedIndexes", mostFailed, MostAtOnce, "must be less than or equal to 100000", errors);
        if (completions > ManyCompletions && spec["backoffLimitPerIndex"] is not null)
        {
            if (mostFailed is null)
            {
                errors.Required($"{path}.maxFailedIndexes", "must be specified when completions is above 100000");
            }

            const string Fewer = "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index";
            AtMost($"{path}.parallelism", parallelism, MostAtOnceWithMany, Fewer, errors);
            AtMost($"{path}.maxFailedIndexes", mostFailed, MostAtOnceWithMany, Fewer, errors);
        }
    }

    private static void AtMost(string path, long? value, long most, string detail, ErrorList errors)
    {
        if (value > most)
        {
            errors.Invalid(path, value.Value, detail);
        }
    }

    private static void GeneratedSelector(JsonObject obj, JsonObject spec, ErrorList errors)
    {
        if (spec.Flag("manualSelector") == true || spec.Child("selector") is not { } selector)
        {
            return;
        }

        var (uid, name) = (obj.Child("metadata").Text("uid") ?? "", obj.Child("metadata").Text("name") ?? "");
        var labels = spec.Child("template", "metadata", "labels");
        if (uid.Length == 0)
        {
            errors.Required("metadata.uid");
        }

        var expected = new JsonObject { ["controller-uid"] = uid, ["job-name"] = name, ["batch.kubernetes.io/controller-uid"] = uid, ["batch.kubernetes.io/job-name"] = name };
        foreach (var (key, value) in expected)
        {
            var path = $"spec.template.metadata.labels[{key}]";
            if (labels?[key] is null)
            {
                errors.Required(path, $"must be '{value.AsText()}'");
            }
            else if (labels.Text(key) != value.AsText())
            {
                errors.InvalidRaw(path, GoText.Map(labels), $"must be '{value.AsText()}'");
            }
        }

        if (!Matches(selector, expected))
        {
            errors.InvalidRaw("spec.selector", GoText.Selector(selector), "`selector` not auto-generated");
        }
    }

    private static void Selector(JsonObject spec, ErrorList errors)
    {
        if (spec.Child("selector") is not { } selector)
        {
            errors.Required("spec.selector");
            return;
        }

        SelectorRules.Selector(selector, "spec.selector", errors);
        SelectorRules.MatchTemplate(selector, spec.Child("template", "metadata", "labels"), "spec.template", errors);
    }

    private static bool Matches(JsonObject selector, JsonObject labels)
    {
        try
        {
            return LabelSelector.FromObject(selector).Matches(labels);
        }
        catch (SelectorException)
        {
            // Reported where it stands.
            return true;
        }
    }

    // A job whose every pod has its place may grow and shrink; others end with what they began with.
    private static void Completions(JsonObject spec, JsonObject before, ErrorList errors)
    {
        if (!IsIndexed(spec))
        {
            errors.Immutable("spec.completions", spec["completions"], before["completions"]);
        }
        else if (spec.Number("completions") is { } completions && completions != before.Number("completions") && completions != spec.Number("parallelism"))
        {
            errors.Invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism");
        }
    }

    // The old template with what says where pods may run taken from the new one, for jobs that have not begun.
    private static JsonObject? WithDirectivesOf(JsonObject? before, JsonObject? now)
    {
        if (before is null || now is null)
        {
            return before;
        }

        var result = (JsonObject)before.DeepClone();
        var (pod, newPod) = (result.Child("spec") ?? [], now.Child("spec"));
        foreach (var field in (ReadOnlySpan<string>)["nodeSelector", "tolerations", "schedulingGates"])
        {
            Take(pod, newPod, field);
        }

        Affinity(pod, newPod);
        var metadata = result.Child("metadata");
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            if (metadata is null && now.Child("metadata")?[field] is not null)
            {
                result["metadata"] = metadata = [];
            }

            Take(metadata ?? [], now.Child("metadata"), field);
        }

        return result;
    }

    private static void Affinity(JsonObject pod, JsonObject? newPod)
    {
        if (newPod.Child("affinity") is { } wanted)
        {
            var affinity = pod.Child("affinity");
            if (affinity is null)
            {
                pod["affinity"] = affinity = [];
            }

            Take(affinity, wanted, "nodeAffinity");
        }
        else if (pod.Child("affinity") is { } affinity)
        {
            affinity.Remove("nodeAffinity");
            if (affinity.Count == 0)
            {
                pod.Remove("affinity");
            }
        }
    }

    private static void Take(JsonObject to, JsonObject? from, string field)
    {
        if (from?[field] is { } value)
        {
            to[field] = value.DeepClone();
        }
        else
        {
            to.Remove(field);
        }
    }
}
