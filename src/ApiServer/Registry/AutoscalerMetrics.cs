using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Registry;

/// <summary>Metrics and behaviour of autoscalers in their two forms: as v2 stores them, and as annotations of v1 have them.</summary>
internal static class AutoscalerMetrics
{
    // A source's name in both forms, and its fields: where v2 has them, what v1 calls them in a specification, and in a status.
    private static readonly Dictionary<string, (string Path, string Spec, string Status)[]> Forms = new(StringComparer.Ordinal)
    {
        ["object"] = [("describedObject", "target", "target"), ("metric.name", "metricName", "metricName"), ("@.value", "targetValue", "currentValue"), ("metric.selector", "selector", "selector"), ("@.averageValue", "averageValue", "averageValue")],
        ["pods"] = [("metric.name", "metricName", "metricName"), ("@.averageValue", "targetAverageValue", "currentAverageValue"), ("metric.selector", "selector", "selector")],
        ["resource"] = [("name", "name", "name"), ("@.averageUtilization", "targetAverageUtilization", "currentAverageUtilization"), ("@.averageValue", "targetAverageValue", "currentAverageValue")],
        ["containerResource"] = [("name", "name", "name"), ("@.averageUtilization", "targetAverageUtilization", "currentAverageUtilization"), ("@.averageValue", "targetAverageValue", "currentAverageValue"), ("container", "container", "container")],
        ["external"] = [("metric.name", "metricName", "metricName"), ("metric.selector", "metricSelector", "metricSelector"), ("@.value", "targetValue", "currentValue"), ("@.averageValue", "targetAverageValue", "currentAverageValue")],
    };

    private static readonly (string Stored, string View)[] RuleNames = [("stabilizationWindowSeconds", "StabilizationWindowSeconds"), ("selectPolicy", "SelectPolicy")];
    private static readonly (string Stored, string View)[] PolicyNames = [("type", "Type"), ("value", "Value"), ("periodSeconds", "PeriodSeconds")];

    /// <summary>The metric that v1 has a field for.</summary>
    public static JsonObject CpuShare(JsonNode percent) => new()
    {
        ["type"] = "Resource",
        ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = percent } },
    };

    /// <summary>A metric as an annotation has it.</summary>
    public static JsonObject ToView(JsonObject metric, bool isStatus)
    {
        var result = new JsonObject { ["type"] = metric.Text("type") };
        foreach (var (name, fields) in Forms)
        {
            if (metric[name] is not JsonObject source)
            {
                continue;
            }

            var shown = new JsonObject();
            foreach (var (path, spec, status) in fields)
            {
                var value = Find(source, At(path, isStatus)) ?? Always(name, isStatus ? status : spec);
                if (value is not null)
                {
                    shown[isStatus ? status : spec] = value.DeepClone();
                }
            }

            result[name] = shown;
        }

        return result;
    }

    /// <summary>A metric of an annotation as it is stored.</summary>
    public static JsonObject ToStored(JsonObject metric, bool isStatus)
    {
        var result = new JsonObject { ["type"] = metric.Text("type") };
        foreach (var (name, fields) in Forms)
        {
            if (metric[name] is not JsonObject source)
            {
                continue;
            }

            var stored = new JsonObject();
            foreach (var (path, spec, status) in fields)
            {
                // A zero stands where v1 has no way to say that there is none.
                if (source[isStatus ? status : spec] is { } value && !(!isStatus && path == "@.value" && value.AsText() == "0"))
                {
                    Set(stored, At(path, isStatus), value.DeepClone());
                }
            }

            if (!isStatus)
            {
                Set(stored, "target.type", TypeOf(name, stored.Child("target")));
            }

            result[name] = stored;
        }

        return result;
    }

    public static JsonObject BehaviorToView(JsonObject behavior) => new()
    {
        ["ScaleUp"] = RulesToView(behavior["scaleUp"] as JsonObject),
        ["ScaleDown"] = RulesToView(behavior["scaleDown"] as JsonObject),
    };

    public static JsonObject BehaviorToStored(JsonObject behavior)
    {
        var result = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["scaleUp", "scaleDown"])
        {
            if (Named(behavior, name) is JsonObject rules)
            {
                var stored = Rename(rules, RuleNames);
                if (Named(rules, "policies") is JsonArray policies)
                {
                    stored["policies"] = new JsonArray([.. policies.OfType<JsonObject>().Select(p => Rename(p, PolicyNames))]);
                }

                result[name] = stored;
            }
        }

        return result;
    }

    private static string TypeOf(string source, JsonObject? target) => source switch
    {
        "resource" or "containerResource" => target?["averageUtilization"] is null ? "AverageValue" : "Utilization",
        "object" => target?["averageValue"] is null ? "Value" : "AverageValue",
        "external" => target?["value"] is null ? "AverageValue" : "Value",
        _ => "AverageValue",
    };

    // Fields of v1 that are written even when nothing was set.
    private static JsonNode? Always(string source, string field) => (source, field) switch
    {
        ("object", "targetValue" or "currentValue") or ("external", "currentValue") or ("pods", "targetAverageValue" or "currentAverageValue") => "0",
        ("resource" or "containerResource", "currentAverageValue") => "0",
        _ => null,
    };

    private static JsonNode? RulesToView(JsonObject? rules) => rules is null ? null : new JsonObject
    {
        ["StabilizationWindowSeconds"] = rules["stabilizationWindowSeconds"]?.DeepClone(),
        ["SelectPolicy"] = rules["selectPolicy"]?.DeepClone(),
        ["Policies"] = new JsonArray([.. rules.Objects("policies").Select(p => new JsonObject(PolicyNames.Select(n => KeyValuePair.Create(n.View, p[n.Stored]?.DeepClone()))))]),
    };

    private static JsonObject Rename(JsonObject from, IEnumerable<(string Stored, string View)> names)
    {
        var result = new JsonObject();
        foreach (var (stored, _) in names)
        {
            if (Named(from, stored) is { } value)
            {
                result[stored] = value.DeepClone();
            }
        }

        return result;
    }

    private static JsonNode? Named(JsonObject obj, string name) => obj.FirstOrDefault(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static string At(string path, bool isStatus) => path.Replace("@", isStatus ? "current" : "target", StringComparison.Ordinal);

    private static JsonNode? Find(JsonObject obj, string path) => path.Split('.') is [var outer, var inner] ? (obj[outer] as JsonObject)?[inner] : obj[path];

    private static void Set(JsonObject obj, string path, JsonNode value)
    {
        if (path.Split('.') is not [var outer, var inner])
        {
            obj[path] = value;
            return;
        }

        if (obj[outer] is not JsonObject part)
        {
            obj[outer] = part = [];
        }

        part[inner] = value;
    }
}
