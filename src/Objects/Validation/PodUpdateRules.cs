using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What may change of a pod that exists: very little.</summary>
internal static class PodUpdateRules
{
    private const string Allowed = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
        + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    private static readonly string[] WithImages = ["containers", "initContainers"];

    public static void Change(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (spec, before) = (obj.Child("spec") ?? [], old.Child("spec") ?? []);
        if (Count(spec, "containers") != Count(before, "containers"))
        {
            errors.Forbidden("spec.containers", "pod updates may not add or remove containers");
            return;
        }

        if (Count(spec, "initContainers") != Count(before, "initContainers"))
        {
            errors.Forbidden("spec.initContainers", "pod updates may not add or remove containers");
            return;
        }

        Deadline(spec, before, errors);
        Tolerations(spec, before, errors);
        Gates(spec, before, errors);
        if (Differences(spec, before) is { Count: > 0 } changed)
        {
            errors.Forbidden("spec", $"{Allowed}; this update changes {string.Join(", ", changed.Select(c => $"`spec.{c}`"))}");
        }
    }

    /// <summary>Ephemeral containers may be added, never changed or taken away, and nothing else changes with them.</summary>
    public static void EphemeralContainers(JsonObject obj, JsonObject old, ErrorList errors)
    {
        const string List = "ephemeralContainers";
        var (spec, before) = (obj.Child("spec") ?? [], old.Child("spec") ?? []);
        var now = spec.Objects(List).DistinctBy(c => c.Text("name")).ToDictionary(c => c.Text("name") ?? "", StringComparer.Ordinal);
        foreach (var container in before.Objects(List))
        {
            if (!now.TryGetValue(container.Text("name") ?? "", out var kept))
            {
                errors.Forbidden($"spec.{List}", $"existing ephemeral containers \"{container.Text("name")}\" may not be removed");
            }
            else if (!JsonNode.DeepEquals(kept, container))
            {
                errors.Forbidden($"spec.{List}", $"existing ephemeral containers \"{container.Text("name")}\" may not be changed");
            }
        }

        if (Differences(spec, before).Where(name => name != List).ToList() is { Count: > 0 } changed)
        {
            errors.Forbidden("spec", $"only ephemeral containers may change here, not {string.Join(", ", changed.Select(c => $"`spec.{c}`"))}");
        }
    }

    private static int Count(JsonObject spec, string list) => spec.Array(list)?.Count ?? 0;

    private static void Deadline(JsonObject spec, JsonObject before, ErrorList errors)
    {
        if (before.Number("activeDeadlineSeconds") is not { } old)
        {
            return;
        }

        if (spec.Number("activeDeadlineSeconds") is not { } deadline)
        {
            errors.Invalid("spec.activeDeadlineSeconds", (JsonNode?)null, "must not update from a positive integer to nil value");
        }
        else if (deadline > old)
        {
            errors.Invalid("spec.activeDeadlineSeconds", deadline, "must be less than or equal to previous value");
        }
    }

    private static void Tolerations(JsonObject spec, JsonObject before, ErrorList errors)
    {
        var now = spec.Objects("tolerations").Select(WithoutSeconds).ToList();
        if (before.Objects("tolerations").Select(WithoutSeconds).Any(old => !now.Exists(n => JsonNode.DeepEquals(n, old))))
        {
            errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
        }
    }

    private static JsonObject WithoutSeconds(JsonObject toleration)
    {
        var copy = (JsonObject)toleration.DeepClone();
        copy.Remove("tolerationSeconds");
        return copy;
    }

    private static void Gates(JsonObject spec, JsonObject before, ErrorList errors)
    {
        var old = before.Objects("schedulingGates").Select(g => g.Text("name")).ToHashSet();
        foreach (var added in spec.Objects("schedulingGates").Select(g => g.Text("name")).Where(name => !old.Contains(name)))
        {
            errors.Forbidden("spec.schedulingGates", $"only deletion is allowed, but found new scheduling gate '{added}'");
        }
    }

    /// <summary>The fields of the spec that differ once what may change is taken out of both.</summary>
    private static List<string> Differences(JsonObject spec, JsonObject before)
    {
        var (left, right) = (Munged(spec), Munged(before));
        var grace = spec.Number("terminationGracePeriodSeconds");
        if (grace == 1 && before.Number("terminationGracePeriodSeconds") < 0)
        {
            left.Remove("terminationGracePeriodSeconds");
            right.Remove("terminationGracePeriodSeconds");
        }

        return [.. left.Select(p => p.Key).Union(right.Select(p => p.Key))
            .Where(name => !JsonNode.DeepEquals(left[name], right[name]))];
    }

    private static JsonObject Munged(JsonObject spec)
    {
        var copy = (JsonObject)spec.DeepClone();
        foreach (var field in (ReadOnlySpan<string>)["activeDeadlineSeconds", "tolerations", "schedulingGates"])
        {
            copy.Remove(field);
        }

        foreach (var container in WithImages.SelectMany(list => copy.Objects(list)))
        {
            container.Remove("image");
        }

        return copy;
    }
}
