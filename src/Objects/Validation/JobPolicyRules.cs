using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What a job makes of its pods' failures, and when enough of them succeeded.</summary>
internal static class JobPolicyRules
{
    private const int MostRules = 20;
    private const int MostExitCodes = 255;
    private const int MostConditions = 20;
    private const int LongestIndexes = 64 * 1024;

    public static void Failure(JsonObject spec, string path, ErrorList errors)
    {
        if (spec.Child("podFailurePolicy") is not { } policy)
        {
            return;
        }

        var rules = policy.Objects("rules").ToList();
        if (rules.Count > MostRules)
        {
            errors.TooMany($"{path}.rules", rules.Count, MostRules);
        }

        var pod = spec.Child("template", "spec");
        var containers = pod.Objects("containers").Concat(pod.Objects("initContainers")).Select(c => c.Text("name") ?? "").ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < rules.Count; i++)
        {
            FailureRule(spec, rules[i], (string.Create(CultureInfo.InvariantCulture, $"{path}.rules[{i}]"), containers), errors);
        }
    }

    public static void Success(JsonObject spec, string path, ErrorList errors)
    {
        if (spec.Child("successPolicy") is not { } policy)
        {
            return;
        }

        if (!JobRules.IsIndexed(spec))
        {
            errors.Invalid(path, policy, "requires indexed completion mode");
            return;
        }

        var rules = policy.Objects("rules").ToList();
        if (rules.Count == 0)
        {
            errors.Required($"{path}.rules", "at least one rules must be specified when the successPolicy is specified");
        }

        if (rules.Count > MostRules)
        {
            errors.TooMany($"{path}.rules", rules.Count, MostRules);
        }

        for (var i = 0; i < rules.Count; i++)
        {
            SuccessRule(spec.Number("completions") ?? 0, rules[i], string.Create(CultureInfo.InvariantCulture, $"{path}.rules[{i}]"), errors);
        }
    }

    private static void FailureRule(JsonObject spec, JsonObject rule, (string Path, HashSet<string> Containers) at, ErrorList errors)
    {
        var (path, containers) = at;
        switch (rule.Text("action"))
        {
            case null or "":
                errors.Required($"{path}.action", "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
                break;
            case "FailIndex" when spec["backoffLimitPerIndex"] is null:
                errors.Invalid($"{path}.action", "FailIndex", "requires the backoffLimitPerIndex to be set");
                break;
        }

        var conditions = rule.Objects("onPodConditions").ToList();
        if (rule.Child("onExitCodes") is { } codes)
        {
            ExitCodes(codes, $"{path}.onExitCodes", containers, errors);
        }

        Conditions(conditions, $"{path}.onPodConditions", errors);
        switch (rule.Child("onExitCodes") is not null, conditions.Count > 0)
        {
            case (true, true):
                errors.Add(new FieldError(FieldErrorType.Invalid, path, null, "specifying both OnExitCodes and OnPodConditions is not supported"));
                break;
            case (false, false):
                errors.Add(new FieldError(FieldErrorType.Invalid, path, null, "specifying one of OnExitCodes and OnPodConditions is required"));
                break;
        }
    }

    private static void Conditions(List<JsonObject> conditions, string path, ErrorList errors)
    {
        if (conditions.Count > MostConditions)
        {
            errors.TooMany(path, conditions.Count, MostConditions);
        }

        for (var i = 0; i < conditions.Count; i++)
        {
            var (type, status) = (conditions[i].Text("type") ?? "", conditions[i].Text("status") ?? "");
            errors.Check(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}].type"), type, NameRules.QualifiedName(type));
            if (status is not ("True" or "False" or "Unknown"))
            {
                errors.NotSupported(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}].status"), status, ["False", "True", "Unknown"]);
            }
        }
    }

    private static void ExitCodes(JsonObject codes, string path, HashSet<string> containers, ErrorList errors)
    {
        var isIn = codes.Text("operator") == "In";
        if (string.IsNullOrEmpty(codes.Text("operator")))
        {
            errors.Required($"{path}.operator", "valid values: [\"In\" \"NotIn\"]");
        }

        if (codes.Text("containerName") is { } container && !containers.Contains(container))
        {
            errors.Invalid($"{path}.containerName", container, "must be one of the container or initContainer names in the pod template");
        }

        var values = (codes.Array("values") ?? []).Select(v => v.AsNumber() ?? 0).ToList();
        var printed = $"[{string.Join(", ", values.Select(v => v.ToString(CultureInfo.InvariantCulture)))}]";
        if (values.Count == 0)
        {
            errors.InvalidRaw($"{path}.values", "[]", "at least one value is required");
        }
        else if (values.Count > MostExitCodes)
        {
            errors.TooMany($"{path}.values", values.Count, MostExitCodes);
        }

        var seen = new HashSet<long>();
        for (var i = 0; i < values.Count; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"{path}.values[{i}]");
            if (isIn && values[i] == 0)
            {
                errors.Invalid(at, 0, "must not be 0 for the In operator");
            }

            if (!seen.Add(values[i]))
            {
                errors.DuplicateRaw(at, values[i].ToString(CultureInfo.InvariantCulture));
            }
        }

        if (values.Zip(values.Skip(1)).Any(pair => pair.First > pair.Second))
        {
            errors.InvalidRaw($"{path}.values", printed, "must be ordered");
        }
    }

    private static void SuccessRule(long completions, JsonObject rule, string path, ErrorList errors)
    {
        var (count, indexes) = (rule.Number("succeededCount"), rule.Text("succeededIndexes"));
        if (count is null && indexes is null)
        {
            errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
        }

        long total = 0;
        if (indexes is not null)
        {
            if (indexes.Length > LongestIndexes)
            {
                errors.TooLong($"{path}.succeededIndexes", LongestIndexes);
            }

            (total, var error) = IndexListRules.Measure(indexes, completions);
            if (error is not null)
            {
                errors.Invalid($"{path}.succeededIndexes", indexes, $"error parsing succeededIndexes: {error}");
            }
        }

        if (count is { } wanted)
        {
            errors.NonNegative($"{path}.succeededCount", wanted);
            if (wanted > completions)
            {
                errors.Invalid($"{path}.succeededCount", wanted, string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {completions} (the number of specified completions)"));
            }

            if (indexes is not null && wanted > total)
            {
                errors.Invalid($"{path}.succeededCount", wanted, string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"));
            }
        }
    }
}
