using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Deployments, replica sets, stateful sets, daemon sets and replication controllers.</summary>
internal static partial class WorkloadRules
{
    private const string PercentFormat = "[0-9]+%";
    private static readonly string[] StatefulSetMutable = ["replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    public static void Deployment(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        errors.NonNegative("spec.replicas", spec.Number("replicas"));
        Selector(spec, "deployment", errors);
        Template(spec, "ReplicaSet", errors);
        var strategy = spec.Child("strategy");
        if (strategy.Text("type") == "Recreate" && strategy?["rollingUpdate"] is not null)
        {
            errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
        }
        else if (strategy.Child("rollingUpdate") is { } rolling)
        {
            RollingUpdate(rolling, "spec.strategy.rollingUpdate", isDaemonSet: false, errors);
        }

        errors.NonNegative("spec.minReadySeconds", spec.Number("minReadySeconds"));
        errors.NonNegative("spec.revisionHistoryLimit", spec.Number("revisionHistoryLimit"));
        if (spec.Number("progressDeadlineSeconds") is { } deadline)
        {
            errors.NonNegative("spec.progressDeadlineSeconds", deadline);
            if (deadline <= (spec.Number("minReadySeconds") ?? 0))
            {
                errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
            }
        }
    }

    public static void ReplicaSet(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        errors.NonNegative("spec.replicas", spec.Number("replicas"));
        errors.NonNegative("spec.minReadySeconds", spec.Number("minReadySeconds"));
        Selector(spec, "deployment", errors);
        Template(spec, "ReplicaSet", errors);
    }

    public static void StatefulSet(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        var strategy = spec.Child("updateStrategy");
        if (strategy.Text("type") == "OnDelete" && strategy?["rollingUpdate"] is not null)
        {
            errors.Invalid("spec.updateStrategy.rollingUpdate", strategy["rollingUpdate"], "only allowed for updateStrategy 'RollingUpdate'");
        }
        else
        {
            errors.NonNegative("spec.updateStrategy.rollingUpdate.partition", strategy.Child("rollingUpdate").Number("partition"));
        }

        errors.NonNegative("spec.replicas", spec.Number("replicas"));
        errors.NonNegative("spec.minReadySeconds", spec.Number("minReadySeconds"));
        errors.NonNegative("spec.ordinals.start", spec.Child("ordinals").Number("start"));
        Selector(spec, "statefulset", errors);
        SelectorRules.MatchTemplate(spec.Child("selector"), spec.Child("template", "metadata", "labels"), "spec.template", errors);

        // Containers mount claims that only each pod has as a volume, so what is wrong in the spec is said when pods are made of it.
        PodRules.TemplateMetadata(spec.Child("template"), "spec.template", errors);
        AlwaysRestarted(spec, "StatefulSet", errors);
    }

    public static void DaemonSet(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        Selector(spec, "daemonset", errors);
        Template(spec, "DaemonSet", errors);
        errors.NonNegative("spec.minReadySeconds", spec.Number("minReadySeconds"));
        if (spec.Child("updateStrategy", "rollingUpdate") is { } rolling && spec.Child("updateStrategy").Text("type") == "RollingUpdate")
        {
            RollingUpdate(rolling, "spec.updateStrategy.rollingUpdate", isDaemonSet: true, errors);
        }

        errors.NonNegative("spec.revisionHistoryLimit", spec.Number("revisionHistoryLimit"));
    }

    public static void ReplicationController(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        errors.NonNegative("spec.minReadySeconds", spec.Number("minReadySeconds"));
        if (spec.Child("selector") is not { Count: > 0 } selector)
        {
            errors.Required("spec.selector");
        }
        else if (spec.Child("template") is not null)
        {
            SelectorRules.MatchTemplate(new JsonObject { ["matchLabels"] = selector.DeepClone() }, spec.Child("template", "metadata", "labels"), "spec.template", errors);
        }

        errors.NonNegative("spec.replicas", spec.Number("replicas"));
        if (spec.Child("template") is null)
        {
            errors.Required("spec.template");
        }
        else
        {
            PodOf(spec, "ReplicationController", errors);
        }
    }

    public static void SelectorIsImmutable(JsonObject obj, JsonObject old, ErrorList errors) =>
        errors.ImmutableSelector("spec.selector", obj.Child("spec", "selector"), old.Child("spec", "selector"));

    public static void Revision(JsonObject obj, ErrorList errors) => errors.NonNegative("revision", obj.Number("revision"));

    public static void NewRevision(JsonObject obj, ErrorList errors)
    {
        if (obj["data"] is not { } data)
        {
            errors.Required("data", "data is mandatory");
        }
        else if (data is not JsonObject)
        {
            errors.Required("data", "data must be a valid JSON object");
        }
    }

    public static void RevisionChange(JsonObject obj, JsonObject old, ErrorList errors) => errors.Immutable("data", obj["data"], old["data"]);

    public static void StatefulSetChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (left, right) = (Fixed(obj), Fixed(old));
        if (!JsonNode.DeepEquals(left, right))
        {
            errors.Forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    /// <summary>An amount: a number, or a percentage.</summary>
    public static void CountOrPercent(JsonNode? value, string path, ErrorList errors)
    {
        if (value.AsText() is { } text)
        {
            if (!PercentRegex().IsMatch(text))
            {
                errors.Invalid(path, text, NameRules.Explain("a valid percent string must be a numeric value followed by an ending '%'", PercentFormat, "1%", "93%"));
            }
        }
        else
        {
            errors.NonNegative(path, value.AsNumber());
        }
    }

    private static JsonObject Fixed(JsonObject obj)
    {
        var spec = (JsonObject?)obj.Child("spec")?.DeepClone() ?? [];
        foreach (var field in StatefulSetMutable)
        {
            spec.Remove(field);
        }

        return spec;
    }

    private static void Selector(JsonObject spec, string kind, ErrorList errors)
    {
        if (spec.Child("selector") is not { } selector)
        {
            errors.Required("spec.selector");
            return;
        }

        SelectorRules.Selector(selector, "spec.selector", errors);
        if (selector.Child("matchLabels") is not { Count: > 0 } && selector.Array("matchExpressions") is not { Count: > 0 })
        {
            errors.InvalidRaw("spec.selector", GoText.Selector(selector), $"empty selector is invalid for {kind}");
        }
    }

    private static void Template(JsonObject spec, string kind, ErrorList errors)
    {
        SelectorRules.MatchTemplate(spec.Child("selector"), spec.Child("template", "metadata", "labels"), "spec.template", errors);
        PodOf(spec, kind, errors);
    }

    private static void PodOf(JsonObject spec, string kind, ErrorList errors)
    {
        PodRules.Template(spec.Child("template"), "spec.template", errors);
        AlwaysRestarted(spec, kind, errors);
    }

    private static void AlwaysRestarted(JsonObject spec, string kind, ErrorList errors)
    {
        var pod = spec.Child("template", "spec");
        if (pod.Text("restartPolicy") is "Never" or "OnFailure")
        {
            errors.NotSupported("spec.template.spec.restartPolicy", pod.Text("restartPolicy")!, ["Always"]);
        }

        if (pod?["activeDeadlineSeconds"] is not null)
        {
            errors.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    private static void RollingUpdate(JsonObject rolling, string path, bool isDaemonSet, ErrorList errors)
    {
        CountOrPercent(rolling["maxUnavailable"], $"{path}.maxUnavailable", errors);
        CountOrPercent(rolling["maxSurge"], $"{path}.maxSurge", errors);
        var (unavailable, surge) = (Amount(rolling["maxUnavailable"]), Amount(rolling["maxSurge"]));
        if (unavailable == 0 && surge == 0)
        {
            errors.Invalid($"{path}.maxUnavailable", rolling["maxUnavailable"] ?? JsonValue.Create(0), "may not be 0 when `maxSurge` is 0");
        }

        if (isDaemonSet && unavailable > 0 && surge > 0)
        {
            errors.Invalid($"{path}.maxSurge", rolling["maxSurge"], "may not be set when maxUnavailable is non-zero");
        }

        NoMoreThanAll(rolling["maxUnavailable"], $"{path}.maxUnavailable", errors);
    }

    public static void NoMoreThanAll(JsonNode? value, string path, ErrorList errors)
    {
        if (value.AsText() is { } percent && PercentRegex().IsMatch(percent) && Amount(value) > 100)
        {
            errors.Invalid(path, percent, "must not be greater than 100%");
        }
    }

    private static long Amount(JsonNode? value) => value.AsNumber()
        ?? (long.TryParse(value.AsText()?.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : 0);

    [GeneratedRegex("^" + PercentFormat + @"\z")]
    private static partial Regex PercentRegex();
}
