using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>Autoscalers of both versions: each metric as what it is now and what it should be.</summary>
internal static class AutoscalerPrinter
{
    private const int Shown = 2;

    public static JsonNode?[] Cells(JsonObject obj, DateTimeOffset now)
    {
        var (spec, status) = (obj.Child("spec"), obj.Child("status"));
        var target = spec.Child("scaleTargetRef");
        return
        [
            Cell.Name(obj), $"{target.Text("kind")}/{target.Text("name")}", Targets(spec, status),
            spec.Number("minReplicas")?.ToString(CultureInfo.InvariantCulture) ?? Cell.Unset,
            spec.Number("maxReplicas") ?? 0, status.Number("currentReplicas") ?? 0, Cell.Age(obj, now),
        ];
    }

    private static string Targets(JsonObject? spec, JsonObject? status)
    {
        if (spec.Number("targetCPUUtilizationPercentage") is { } wanted)
        {
            var current = status.Number("currentCPUUtilizationPercentage") is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known}%") : HumanDuration.Unknown;
            return string.Create(CultureInfo.InvariantCulture, $"cpu: {current}/{wanted}%");
        }

        var metrics = spec.Objects("metrics").ToList();
        if (metrics.Count == 0)
        {
            return Cell.None;
        }

        var currents = status.Objects("currentMetrics").ToList();
        var texts = metrics.Select((m, i) => Metric(m, i < currents.Count ? currents[i] : null)).ToList();
        return texts.Count <= Shown
            ? string.Join(", ", texts)
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", texts.Take(Shown))} + {texts.Count - Shown} more...");
    }

    private static string Metric(JsonObject metric, JsonObject? current)
    {
        var field = metric.Text("type") switch
        {
            "Resource" => "resource",
            "ContainerResource" => "containerResource",
            "Pods" => "pods",
            "Object" => "object",
            "External" => "external",
            _ => "",
        };
        if (field.Length == 0)
        {
            return "<unknown type>";
        }

        var (source, now) = (metric.Child(field), current.Child(field, "current"));
        var target = source.Child("target");
        var label = field is "resource" or "containerResource" ? $"{source.Text("name")}: " : "";
        if (target?["averageUtilization"] is { } utilization)
        {
            var known = now?["averageUtilization"] is { } percent ? $"{percent.ToJsonString()}%" : HumanDuration.Unknown;
            return $"{label}{known}/{utilization.ToJsonString()}%";
        }

        if (target.Text("averageValue") is { } average)
        {
            return $"{label}{now.Text("averageValue") ?? HumanDuration.Unknown}/{average}{(field is "object" or "external" ? " (avg)" : "")}";
        }

        return $"{label}{now.Text("value") ?? HumanDuration.Unknown}/{target.Text("value")}";
    }
}
