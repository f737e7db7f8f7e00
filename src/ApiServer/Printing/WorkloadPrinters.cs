using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>What runs pods from a template.</summary>
internal static class WorkloadPrinters
{
    public static JsonNode?[] Deployment(JsonObject obj, DateTimeOffset now)
    {
        var (spec, status, pod) = Parts(obj);
        return
        [
            Cell.Name(obj), Fraction(status.Number("readyReplicas"), spec.Number("replicas")), status.Number("updatedReplicas") ?? 0, status.Number("availableReplicas") ?? 0,
            Cell.Age(obj, now), Cell.Containers(pod), Cell.Images(pod), Cell.Selector(spec.Child("selector")),
        ];
    }

    public static JsonNode?[] ReplicaSet(JsonObject obj, DateTimeOffset now) => Replicas(obj, now, Cell.Selector(obj.Child("spec", "selector")));

    public static JsonNode?[] ReplicationController(JsonObject obj, DateTimeOffset now) => Replicas(obj, now, Cell.Labels(obj.Child("spec", "selector")));

    public static JsonNode?[] StatefulSet(JsonObject obj, DateTimeOffset now)
    {
        var (spec, status, pod) = Parts(obj);
        return [Cell.Name(obj), Fraction(status.Number("readyReplicas"), spec.Number("replicas")), Cell.Age(obj, now), Cell.Containers(pod), Cell.Images(pod)];
    }

    public static JsonNode?[] DaemonSet(JsonObject obj, DateTimeOffset now)
    {
        var (spec, status, pod) = Parts(obj);
        return
        [
            Cell.Name(obj), status.Number("desiredNumberScheduled") ?? 0, status.Number("currentNumberScheduled") ?? 0, status.Number("numberReady") ?? 0,
            status.Number("updatedNumberScheduled") ?? 0, status.Number("numberAvailable") ?? 0, Cell.Labels(pod.Child("nodeSelector")), Cell.Age(obj, now),
            Cell.Containers(pod), Cell.Images(pod), Cell.Selector(spec.Child("selector")),
        ];
    }

    public static JsonNode?[] Job(JsonObject obj, DateTimeOffset now)
    {
        var (spec, status, pod) = Parts(obj);
        return
        [
            Cell.Name(obj), JobStatus(obj), Completions(spec, status), Duration(status, now), Cell.Age(obj, now),
            Cell.Containers(pod), Cell.Images(pod), Cell.Selector(spec.Child("selector")),
        ];
    }

    public static JsonNode?[] CronJob(JsonObject obj, DateTimeOffset now)
    {
        var (spec, status) = (obj.Child("spec"), obj.Child("status"));
        var pod = spec.Child("jobTemplate", "spec", "template", "spec");
        return
        [
            Cell.Name(obj), spec.Text("schedule") ?? "", Cell.OrNone(spec.Text("timeZone")),
            spec.Flag("suspend") switch { true => "True", false => "False", null => Cell.Unset },
            Cell.Count(status?["active"]), status?["lastScheduleTime"] is { } last ? HumanDuration.Since(last, now) : Cell.None, Cell.Age(obj, now),
            Cell.Containers(pod), Cell.Images(pod), Cell.Selector(spec.Child("jobTemplate", "spec", "selector")),
        ];
    }

    public static JsonNode?[] PodTemplate(JsonObject obj, DateTimeOffset now)
    {
        var template = obj.Child("template");
        return [Cell.Name(obj), Cell.Containers(template.Child("spec")), Cell.Images(template.Child("spec")), Cell.Labels(template.Child("metadata", "labels"))];
    }

    public static JsonNode?[] ControllerRevision(JsonObject obj, DateTimeOffset now)
    {
        var owner = obj.Child("metadata").Objects("ownerReferences").FirstOrDefault(o => o.Flag("controller") == true);
        return [Cell.Name(obj), owner is null ? Cell.None : OwnerName(owner), obj.Number("revision") ?? 0, Cell.Age(obj, now)];
    }

    private static (JsonObject? Spec, JsonObject? Status, JsonObject? Pod) Parts(JsonObject obj) =>
        (obj.Child("spec"), obj.Child("status"), obj.Child("spec", "template", "spec"));

    private static JsonNode?[] Replicas(JsonObject obj, DateTimeOffset now, string selector)
    {
        var (spec, status, pod) = Parts(obj);
        return
        [
            Cell.Name(obj), spec.Number("replicas") ?? 0, status.Number("replicas") ?? 0, status.Number("readyReplicas") ?? 0,
            Cell.Age(obj, now), Cell.Containers(pod), Cell.Images(pod), selector,
        ];
    }

    private static string Fraction(long? part, long? whole) => string.Create(CultureInfo.InvariantCulture, $"{part ?? 0}/{whole ?? 0}");

    private static string JobStatus(JsonObject job)
    {
        if (Cell.IsTrue(job, "Complete"))
        {
            return "Complete";
        }

        if (Cell.IsTrue(job, "Failed"))
        {
            return "Failed";
        }

        if (job.Child("metadata")?["deletionTimestamp"] is not null)
        {
            return "Terminating";
        }

        return new[] { "Suspended", "FailureTarget", "SuccessCriteriaMet" }.FirstOrDefault(c => Cell.IsTrue(job, c)) ?? "Running";
    }

    private static string Completions(JsonObject? spec, JsonObject? status)
    {
        var succeeded = status.Number("succeeded") ?? 0;
        if (spec.Number("completions") is { } completions)
        {
            return Fraction(succeeded, completions);
        }

        return spec.Number("parallelism") is > 1 and var parallelism
            ? string.Create(CultureInfo.InvariantCulture, $"{succeeded}/1 of {parallelism}")
            : Fraction(succeeded, 1);
    }

    private static string Duration(JsonObject? status, DateTimeOffset now)
    {
        if (!KubeTime.TryParse(status.Text("startTime"), out var start))
        {
            return "";
        }

        return HumanDuration.Format((KubeTime.TryParse(status.Text("completionTime"), out var end) ? end : now) - start);
    }

    private static string OwnerName(JsonObject owner)
    {
        var apiVersion = owner.Text("apiVersion") ?? "";
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? "." + apiVersion[..apiVersion.IndexOf('/', StringComparison.Ordinal)] : "";
        return $"{owner.Text("kind")?.ToLowerInvariant()}{group}/{owner.Text("name")}";
    }
}
