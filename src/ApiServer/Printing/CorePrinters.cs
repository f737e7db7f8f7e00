using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>Nodes, events, and the small kinds of the core group.</summary>
internal static class CorePrinters
{
    public static JsonNode?[] Node(JsonObject obj, DateTimeOffset now)
    {
        var info = obj.Child("status", "nodeInfo");
        var ready = Cell.Condition(obj, "Ready");
        var state = ready is null ? "Unknown" : ready.Text("status") == "True" ? "Ready" : "NotReady";
        return
        [
            Cell.Name(obj), obj.Child("spec").Flag("unschedulable") == true ? state + ",SchedulingDisabled" : state, Roles(obj), Cell.Age(obj, now),
            info.Text("kubeletVersion") ?? "", Address(obj, "InternalIP"), Address(obj, "ExternalIP"),
            OrUnknown(info.Text("osImage")), OrUnknown(info.Text("kernelVersion")), OrUnknown(info.Text("containerRuntimeVersion")),
        ];
    }

    public static JsonNode?[] Namespace(JsonObject obj, DateTimeOffset now) => [Cell.Name(obj), obj.Child("status").Text("phase") ?? "", Cell.Age(obj, now)];

    public static JsonNode?[] Secret(JsonObject obj, DateTimeOffset now) => [Cell.Name(obj), obj.Text("type") ?? "", Cell.Count(obj["data"]), Cell.Age(obj, now)];

    public static JsonNode?[] ConfigMap(JsonObject obj, DateTimeOffset now) => [Cell.Name(obj), Cell.Count(obj["data"]) + Cell.Count(obj["binaryData"]), Cell.Age(obj, now)];

    public static JsonNode?[] ServiceAccount(JsonObject obj, DateTimeOffset now) => [Cell.Name(obj), Cell.Count(obj["secrets"]), Cell.Age(obj, now)];

    public static JsonNode?[] ComponentStatus(JsonObject obj, DateTimeOffset now)
    {
        var healthy = obj.Objects("conditions").FirstOrDefault(c => c.Text("type") == "Healthy");
        return [Cell.Name(obj), healthy.Text("status") == "True" ? "Healthy" : healthy.Text("status") == "False" ? "Unhealthy" : "Unknown", healthy.Text("message") ?? "", healthy.Text("error") ?? ""];
    }

    /// <summary>Events of both groups: the newer one calls the same things by other names.</summary>
    public static JsonNode?[] Event(JsonObject obj, DateTimeOffset now)
    {
        var about = obj.Child("involvedObject") ?? obj.Child("regarding");
        var source = obj.Child("source") ?? obj.Child("deprecatedSource");
        var series = obj.Child("series");
        var first = Since(obj["firstTimestamp"] ?? obj["deprecatedFirstTimestamp"] ?? obj["eventTime"], now);
        var last = series is not null ? Since(series["lastObservedTime"], now)
            : (obj["lastTimestamp"] ?? obj["deprecatedLastTimestamp"]) is { } time ? Since(time, now)
            : first;
        var count = series.Number("count") ?? obj.Number("count") ?? obj.Number("deprecatedCount") ?? 0;
        return
        [
            last, obj.Text("type") ?? "", obj.Text("reason") ?? "", Target(about), about.Text("fieldPath") ?? "", Source(obj, source),
            (obj.Text("message") ?? obj.Text("note") ?? "").Trim(), first, count == 0 ? 1 : count, Cell.Name(obj),
        ];
    }

    private static string Since(JsonNode? time, DateTimeOffset now) => HumanDuration.Since(time, now);

    private static string Target(JsonObject? about)
    {
        var kind = about.Text("kind")?.ToLowerInvariant() ?? "";
        return about.Text("name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    private static string Source(JsonObject obj, JsonObject? source)
    {
        var component = source.Text("component") is { Length: > 0 } given ? given : obj.Text("reportingComponent") ?? obj.Text("reportingController") ?? "";
        var host = source.Text("host") is { Length: > 0 } named ? named : source.Text("component") is { Length: > 0 } ? "" : obj.Text("reportingInstance") ?? "";
        return host.Length == 0 ? component : $"{component}, {host}";
    }

    private static string Roles(JsonObject node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Child("metadata", "labels") ?? [])
        {
            if (key.StartsWith(Prefix, StringComparison.Ordinal) && key.Length > Prefix.Length)
            {
                roles.Add(key[Prefix.Length..]);
            }
            else if (key == "kubernetes.io/role" && value.AsText() is { Length: > 0 } role)
            {
                roles.Add(role);
            }
        }

        return Cell.OrNone(string.Join(',', roles));
    }

    private static string Address(JsonObject node, string type) =>
        Cell.OrNone(node.Child("status").Objects("addresses").FirstOrDefault(a => a.Text("type") == type).Text("address"));

    private static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? HumanDuration.Unknown : text;
}
