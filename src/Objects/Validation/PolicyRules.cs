using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What steers other objects: disruption budgets, priorities.</summary>
internal static class PolicyRules
{
    private const long HighestUserPriority = 1_000_000_000;
    private static readonly string[] SystemPriorities = ["system-cluster-critical", "system-node-critical"];

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
            WorkloadRules.NoMoreThanAll(spec[field], $"spec.{field}", errors);
        }

        SelectorRules.Selector(spec.Child("selector"), "spec.selector", errors);
    }

    /// <summary>What must hold of a budget's status when it is written by itself.</summary>
    public static void DisruptionBudgetPart(JsonObject obj, JsonObject old, string subresource, ErrorList errors)
    {
        var status = obj.Child("status");
        ConditionRules.Check(status, errors);
        foreach (var field in (ReadOnlySpan<string>)["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"])
        {
            errors.NonNegative($"status.{field}", status.Number(field));
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
}
