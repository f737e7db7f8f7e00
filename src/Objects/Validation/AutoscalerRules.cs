using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What holds for autoscalers: their bounds, which both versions have, and metrics and behaviour, which only the newer one shows.</summary>
internal static class AutoscalerRules
{
    private const int MaxPeriod = 1800;
    private const int MaxWindow = 3600;
    private static readonly string[] Sources = ["object", "external", "pods", "resource", "containerResource"];

    public static void Check(JsonObject obj, ErrorList errors)
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

        Reference(spec.Child("scaleTargetRef"), "spec.scaleTargetRef", errors);
        var i = 0;
        foreach (var metric in spec.Objects("metrics"))
        {
            Metric(metric, $"spec.metrics[{i++}]", errors);
        }

        Rules(spec.Child("behavior", "scaleUp"), "spec.behavior.scaleUp", errors);
        Rules(spec.Child("behavior", "scaleDown"), "spec.behavior.scaleDown", errors);
    }

    /// <summary>What must hold of the status when it is written by itself.</summary>
    public static void Part(JsonObject obj, JsonObject old, string subresource, ErrorList errors)
    {
        errors.NonNegative("status.currentReplicas", obj.Child("status").Number("currentReplicas"));
        errors.NonNegative("status.desiredReplicas", obj.Child("status").Number("desiredReplicas"));
    }

    private static void Reference(JsonObject? reference, string path, ErrorList errors)
    {
        errors.CheckRequired($"{path}.kind", reference.Text("kind"), NameRules.PathSegment);
        errors.CheckRequired($"{path}.name", reference.Text("name"), NameRules.PathSegment);
    }

    private static void Metric(JsonObject metric, string path, ErrorList errors)
    {
        var given = Sources.Where(s => metric[s] is JsonObject).ToList();
        if (given.Count > 0)
        {
            Source(given[0], metric.Child(given[0])!, $"{path}.{given[0]}", errors);
        }

        var type = metric.Text("type") ?? "";
        if (type.Length == 0)
        {
            errors.Required($"{path}.type", "must specify a metric source type");
            return;
        }

        var expected = Sources.FirstOrDefault(s => s.Equals(type, StringComparison.OrdinalIgnoreCase));
        if (expected is not null && !given.Contains(expected))
        {
            errors.Required($"{path}.{expected}", "must populate information for the given metric source");
        }

        foreach (var other in given.Count == 1 ? [] : given.Where(g => g != expected))
        {
            errors.Forbidden($"{path}.{other}", "must populate the given metric source only");
        }
    }

    private static void Source(string kind, JsonObject source, string path, ErrorList errors)
    {
        switch (kind)
        {
            case "object":
                Reference(source.Child("describedObject"), $"{path}.describedObject", errors);
                break;
            case "resource" or "containerResource" when string.IsNullOrEmpty(source.Text("name")):
                errors.Required($"{path}.name", "must specify a resource name");
                break;
        }

        if (kind == "containerResource")
        {
            Container(source.Text("container"), $"{path}.container", errors);
        }

        if (kind is "object" or "external" or "pods")
        {
            Identifier(source.Child("metric").Text("name"), $"{path}.metric.name", errors);
        }

        Target(kind, source.Child("target"), $"{path}.target", errors);
    }

    private static void Container(string? name, string path, ErrorList errors)
    {
        if (string.IsNullOrEmpty(name))
        {
            errors.Required(path, "must specify a container");
        }
        else
        {
            errors.Check(path, name, NameRules.DnsLabel(name));
        }
    }

    private static void Identifier(string? name, string path, ErrorList errors)
    {
        if (string.IsNullOrEmpty(name))
        {
            errors.Required(path, "must specify a metric name");
        }
        else
        {
            errors.Check(path, name, NameRules.PathSegment(name));
        }
    }

    private static void Target(string kind, JsonObject? target, string path, ErrorList errors)
    {
        if (string.IsNullOrEmpty(target.Text("type")))
        {
            errors.Required($"{path}.type", "must specify a metric target type");
        }

        Positive(target, "value", path, errors);
        Positive(target, "averageValue", path, errors);
        if (target.Number("averageUtilization") is < 1 and var utilization)
        {
            errors.Invalid($"{path}.averageUtilization", utilization, "must be greater than 0");
        }

        var (value, average, share) = (target?["value"] is not null, target?["averageValue"] is not null, target?["averageUtilization"] is not null);
        switch (kind)
        {
            case "object" when !value && !average:
                errors.Required($"{path}.averageValue", "must set either a target value or averageValue");
                break;
            case "external" when !value && !average:
                errors.Required($"{path}.averageValue", "must set either a target value for metric or a per-pod target");
                break;
            case "external" when value && average:
                errors.Forbidden($"{path}.value", "may not set both a target value for metric and a per-pod target");
                break;
            case "pods" when !average:
                errors.Required($"{path}.averageValue", "must specify a positive target averageValue");
                break;
            case "resource" or "containerResource" when !share && !average:
                errors.Required($"{path}.averageUtilization", "must set either a target raw value or a target utilization");
                break;
            case "resource" or "containerResource" when share && average:
                errors.Forbidden($"{path}.averageValue", "may not set both a target raw value and a target utilization");
                break;
        }
    }

    private static void Positive(JsonObject? target, string field, string path, ErrorList errors)
    {
        if (target.Text(field) is { } text && Quantity.TryParse(text, out var amount) && amount.Value <= 0)
        {
            errors.Invalid($"{path}.{field}", text, "must be positive");
        }
    }

    private static void Rules(JsonObject? rules, string path, ErrorList errors)
    {
        if (rules is null)
        {
            return;
        }

        var window = rules.Number("stabilizationWindowSeconds");
        if (window < 0)
        {
            errors.Invalid($"{path}.stabilizationWindowSeconds", window.Value, "must be greater than or equal to zero");
        }

        if (window > MaxWindow)
        {
            errors.Invalid($"{path}.stabilizationWindowSeconds", window.Value, string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {MaxWindow}"));
        }

        if (rules.Array("policies") is not { Count: > 0 })
        {
            errors.Required($"{path}.policies", "must specify at least one Policy");
        }

        var i = 0;
        foreach (var policy in rules.Objects("policies"))
        {
            Policy(policy, $"{path}.policies[{i++}]", errors);
        }
    }

    private static void Policy(JsonObject policy, string path, ErrorList errors)
    {
        if ((policy.Number("value") ?? 0) is <= 0 and var value)
        {
            errors.Invalid($"{path}.value", value, "must be greater than zero");
        }

        var period = policy.Number("periodSeconds") ?? 0;
        if (period <= 0)
        {
            errors.Invalid($"{path}.periodSeconds", period, "must be greater than zero");
        }

        if (period > MaxPeriod)
        {
            errors.Invalid($"{path}.periodSeconds", period, string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {MaxPeriod}"));
        }
    }
}
