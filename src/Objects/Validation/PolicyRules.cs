using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What steers other objects: disruption budgets, autoscalers, quotas, limits, priorities.</summary>
internal static class PolicyRules
{
    private const long HighestUserPriority = 1_000_000_000;
    private static readonly string[] SystemPriorities = ["system-cluster-critical", "system-node-critical"];
    private static readonly string[] LimitLists = ["max", "min", "default", "defaultRequest"];

    public static void DisruptionBudget(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var field in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            WorkloadRules.CountOrPercent(spec[field], $"spec.{field}", errors);
        }

        SelectorRules.Selector(spec.Child("selector"), "spec.selector", errors);
    }

    public static void Autoscaler(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec") ?? [];
        var (min, max) = (spec.Number("minReplicas"), spec.Number("maxReplicas") ?? 0);
        if (min < 1)
        {
            errors.Invalid("spec.minReplicas", min.Value, "must be greater than or equal to 1");
        }

        if (max < 1)
        {
            errors.Invalid("spec.maxReplicas", max, "must be greater than 0");
        }

        if (min > max)
        {
            errors.Invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`");
        }

        errors.CheckRequired("spec.scaleTargetRef.kind", spec.Child("scaleTargetRef").Text("kind"), NameRules.PathSegment);
        errors.CheckRequired("spec.scaleTargetRef.name", spec.Child("scaleTargetRef").Text("name"), NameRules.PathSegment);
    }

    public static void Quota(JsonObject obj, ErrorList errors)
    {
        foreach (var (name, amount) in obj.Child("spec", "hard") ?? [])
        {
            errors.Check($"spec.hard[{name}]", name, NameRules.QualifiedName(name));
            if (Quantity.TryParse(amount.AsText(), out var quantity) && quantity.Value < 0)
            {
                errors.Invalid($"spec.hard[{name}]", quantity.ToString(), "must be greater than or equal to 0");
            }
        }
    }

    public static void QuotaChange(JsonObject obj, JsonObject old, ErrorList errors) =>
        errors.Immutable("spec.scopes", obj.Child("spec")?["scopes"], old.Child("spec")?["scopes"]);

    public static void LimitRange(JsonObject obj, ErrorList errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var limit in obj.Child("spec").Objects("limits"))
        {
            var path = $"spec.limits[{i++}]";
            var type = limit.Text("type") ?? "";
            errors.Check($"{path}.type", type, NameRules.QualifiedName(type));
            if (!types.Add(type))
            {
                errors.Duplicate($"{path}.type", type);
            }

            foreach (var list in LimitLists)
            {
                ResourceRules.Amounts(limit.Child(list), $"{path}.{list}", errors);
            }

            foreach (var (low, high) in new[] { ("min", "defaultRequest"), ("defaultRequest", "default"), ("default", "max"), ("min", "max") })
            {
                Ordered(limit, low, high, path, errors);
            }
        }
    }

    public static void PriorityClass(JsonObject obj, ErrorList errors)
    {
        var name = obj.Child("metadata").Text("name") ?? "";
        var value = obj.Number("value") ?? 0;
        if (name.StartsWith("system-", StringComparison.Ordinal))
        {
            if (!SystemPriorities.Contains(name))
            {
                errors.Forbidden("metadata.name", "priority class names with 'system-' prefix are reserved for system use only");
            }
        }
        else if (value > HighestUserPriority)
        {
            errors.Forbidden("value", $"maximum allowed value of a user defined priority is {HighestUserPriority}");
        }
    }

    public static void PriorityClassChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        if (obj.Number("value") != old.Number("value"))
        {
            errors.Forbidden("value", "may not be changed in an update.");
        }

        errors.Immutable("preemptionPolicy", obj["preemptionPolicy"], old["preemptionPolicy"]);
    }

    private static void Ordered(JsonObject limit, string low, string high, string path, ErrorList errors)
    {
        foreach (var (name, amount) in limit.Child(low) ?? [])
        {
            if (Quantity.TryParse(amount.AsText(), out var lower) && Quantity.TryParse(limit.Child(high).Text(name), out var upper) && lower.Value > upper.Value)
            {
                errors.Invalid($"{path}.{low}[{name}]", lower.ToString(), $"{low} value {lower} is greater than {high} value {upper}");
            }
        }
    }
}
