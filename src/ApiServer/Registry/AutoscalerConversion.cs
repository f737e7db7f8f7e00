using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Watch;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Registry;

/// <summary>
/// autoscaling/v1 shows autoscalers that are stored as v2. What it has no fields for goes into annotations and comes back from
/// there, in the very form that Kubernetes gives them.
/// </summary>
internal sealed class AutoscalerConversion(TypeSchema storedType) : ViewConversion
{
    private const string View = "autoscaling/v1";
    private const string Stored = "autoscaling/v2";
    private const string Prefix = "autoscaling.alpha.kubernetes.io/";
    private const string Metrics = Prefix + "metrics";
    private const string CurrentMetrics = Prefix + "current-metrics";
    private const string Behavior = Prefix + "behavior";
    private const string Conditions = Prefix + "conditions";
    private const long DefaultUtilization = 80;

    // A list of unchanged objects is shown again and again.
    private readonly ConditionalWeakTable<CachedObject, CachedObject> _views = [];

    public override TypeSchema StoredType => storedType;

    public override string StoredKind => "autoscaling/v2/HorizontalPodAutoscaler";

    public override CachedObject ToView(CachedObject stored) => _views.GetValue(stored, s =>
    {
        var obj = s.Parse();
        ToView(obj);
        return s.With(ObjectBytes.WithRevision(ObjectBytes.Write(obj, s.ManagedFields.Span), s.Revision));
    });

    public override void ToView(JsonObject obj)
    {
        obj["apiVersion"] = View;
        var annotations = Annotations(obj);
        if (obj["spec"] is JsonObject spec)
        {
            var metrics = Take(spec, "metrics");
            var cpu = metrics.FirstOrDefault(IsCpuShare);
            if (cpu is not null)
            {
                spec["targetCPUUtilizationPercentage"] = cpu.Child("resource", "target")!["averageUtilization"]!.DeepClone();
            }

            Keep(annotations, Metrics, metrics.Where(m => !IsCpuShare(m)).Select(m => AutoscalerMetrics.ToView(m, isStatus: false)));
            if (spec.Remove("behavior", out var behavior) && behavior is JsonObject rules)
            {
                annotations[Behavior] = Text(AutoscalerMetrics.BehaviorToView(rules));
            }
        }

        if (obj["status"] is JsonObject status)
        {
            var current = Take(status, "currentMetrics");
            foreach (var metric in current.Where(m => m.Text("type") == "Resource" && m.Child("resource").Text("name") == "cpu"))
            {
                if (metric.Child("resource", "current")?["averageUtilization"] is { } share)
                {
                    status["currentCPUUtilizationPercentage"] = share.DeepClone();
                }
            }

            Keep(annotations, CurrentMetrics, current.Select(m => AutoscalerMetrics.ToView(m, isStatus: true)));
            Keep(annotations, Conditions, Take(status, "conditions"));
            status["currentReplicas"] ??= 0;
        }

        Attach(obj, annotations);
    }

    public override void ToStored(JsonObject obj)
    {
        obj["apiVersion"] = Stored;
        var annotations = Annotations(obj);
        var spec = obj["spec"] as JsonObject;
        if (spec is not null)
        {
            var metrics = new JsonArray([.. Read(obj, Metrics).Select(m => AutoscalerMetrics.ToStored(m, isStatus: false))]);
            var share = spec.Remove("targetCPUUtilizationPercentage", out var given) ? given?.DeepClone() : null;
            if (share is not null || metrics.Count == 0)
            {
                metrics.Add(AutoscalerMetrics.CpuShare(share ?? DefaultUtilization));
            }

            spec["metrics"] = metrics;
            if (Parse(obj, Behavior) is JsonObject behavior && AutoscalerMetrics.BehaviorToStored(behavior) is { Count: > 0 } rules)
            {
                spec["behavior"] = rules;
            }
        }

        if (obj["status"] is JsonObject status)
        {
            StatusToStored(obj, status);
        }

        Attach(obj, annotations);
    }

    private static void StatusToStored(JsonObject obj, JsonObject status)
    {
        var share = status.Remove("currentCPUUtilizationPercentage", out var given) ? given?.DeepClone() : null;
        if (Parse(obj, CurrentMetrics) is JsonArray)
        {
            status["currentMetrics"] = new JsonArray([.. Read(obj, CurrentMetrics).Select(m => AutoscalerMetrics.ToStored(m, isStatus: true))]);
        }
        else if (share is not null)
        {
            status["currentMetrics"] = new JsonArray(new JsonObject { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", ["current"] = new JsonObject { ["averageUtilization"] = share } } });
        }

        if (Parse(obj, Conditions) is JsonArray)
        {
            status["conditions"] = new JsonArray([.. Read(obj, Conditions)]);
        }
    }

    private static bool IsCpuShare(JsonObject metric) =>
        metric.Text("type") == "Resource" && metric.Child("resource").Text("name") == "cpu" && metric.Child("resource", "target")?["averageUtilization"] is not null;

    // All but our own, which are only ever what was made of the object itself.
    private static JsonObject Annotations(JsonObject obj) =>
        new((obj.Child("metadata", "annotations") ?? []).Where(a => a.Key is not (Metrics or CurrentMetrics or Behavior or Conditions)).Select(a => KeyValuePair.Create(a.Key, a.Value?.DeepClone())));

    private static void Attach(JsonObject obj, JsonObject annotations)
    {
        if (annotations.Count > 0)
        {
            ObjectCreator.MetadataOf(obj)["annotations"] = annotations;
        }
        else
        {
            obj.Child("metadata")?.Remove("annotations");
        }
    }

    private static List<JsonObject> Take(JsonObject from, string name) =>
        from.Remove(name, out var value) && value is JsonArray list ? [.. list.OfType<JsonObject>().Select(m => (JsonObject)m.DeepClone())] : [];

    private static void Keep(JsonObject annotations, string name, IEnumerable<JsonObject> values)
    {
        var list = new JsonArray([.. values]);
        if (list.Count > 0)
        {
            annotations[name] = Text(list);
        }
    }

    private static string Text(JsonNode node) => Encoding.UTF8.GetString(JsonText.Write(node));

    private static IEnumerable<JsonObject> Read(JsonObject obj, string annotation) =>
        (Parse(obj, annotation) as JsonArray ?? []).OfType<JsonObject>().Select(m => (JsonObject)m.DeepClone());

    // What cannot be read says nothing.
    private static JsonNode? Parse(JsonObject obj, string annotation)
    {
        try
        {
            return obj.Child("metadata", "annotations").Text(annotation) is { } text ? JsonText.ParseNode(Encoding.UTF8.GetBytes(text)) : null;
        }
        catch (DecodeException)
        {
            return null;
        }
    }
}
