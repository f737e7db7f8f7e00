using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>What steers other objects: autoscalers, budgets, quotas, priorities, admission, RBAC, certificates.</summary>
internal static class PolicyPrinters
{
    public static JsonNode?[] DisruptionBudget(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Child("spec");
        return
        [
            Cell.Name(obj), Cell.Amount(spec?["minAvailable"]) ?? "N/A", Cell.Amount(spec?["maxUnavailable"]) ?? "N/A",
            obj.Child("status").Number("disruptionsAllowed") ?? 0, Cell.Age(obj, now),
        ];
    }

    public static JsonNode?[] Quota(JsonObject obj, DateTimeOffset now)
    {
        var (hard, used) = (obj.Child("status", "hard"), obj.Child("status", "used"));
        var lines = (hard ?? []).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, Text: $"{p.Key}: {used.Text(p.Key) ?? "0"}/{p.Value.AsText()}")).ToList();
        return
        [
            Cell.Name(obj), Cell.Age(obj, now),
            string.Join(", ", lines.Where(l => !l.Key.StartsWith("limits", StringComparison.Ordinal)).Select(l => l.Text)),
            string.Join(", ", lines.Where(l => l.Key.StartsWith("limits", StringComparison.Ordinal)).Select(l => l.Text)),
        ];
    }

    public static JsonNode?[] PriorityClass(JsonObject obj, DateTimeOffset now) =>
        [Cell.Name(obj), obj.Number("value") ?? 0, obj.Flag("globalDefault") ?? false, Cell.Age(obj, now), obj.Text("preemptionPolicy") ?? ""];

    public static JsonNode?[] Binding(JsonObject obj, DateTimeOffset now)
    {
        string Names(string kind) => string.Join(", ", obj.Objects("subjects").Where(s => s.Text("kind") == kind).Select(s => s.Text("name")));
        var role = obj.Child("roleRef");
        var accounts = obj.Objects("subjects").Where(s => s.Text("kind") == "ServiceAccount").Select(s => $"{s.Text("namespace")}/{s.Text("name")}");
        return [Cell.Name(obj), $"{role.Text("kind")}/{role.Text("name")}", Cell.Age(obj, now), Names("User"), Names("Group"), string.Join(", ", accounts)];
    }

    public static JsonNode?[] Lease(JsonObject obj, DateTimeOffset now) => [Cell.Name(obj), obj.Child("spec").Text("holderIdentity") ?? "", Cell.Age(obj, now)];

    public static JsonNode?[] RuntimeClass(JsonObject obj, DateTimeOffset now) => [Cell.Name(obj), obj.Text("handler") ?? "", Cell.Age(obj, now)];

    public static JsonNode?[] Webhooks(JsonObject obj, DateTimeOffset now) => [Cell.Name(obj), Cell.Count(obj["webhooks"]), Cell.Age(obj, now)];

    public static JsonNode?[] AdmissionPolicy(JsonObject obj, DateTimeOffset now)
    {
        var parameters = obj.Child("spec", "paramKind");
        return [Cell.Name(obj), Cell.Count(obj.Child("spec")?["validations"]), parameters is null ? Cell.Unset : $"{parameters.Text("apiVersion")}/{parameters.Text("kind")}", Cell.Age(obj, now)];
    }

    public static JsonNode?[] AdmissionBinding(JsonObject obj, DateTimeOffset now)
    {
        var reference = obj.Child("spec", "paramRef");
        var name = reference is null ? Cell.Unset
            : reference["selector"] is not null ? Cell.Selector(reference.Child("selector"))
            : reference.Text("namespace") is { Length: > 0 } ns ? $"{ns}/{reference.Text("name")}" : $"*/{reference.Text("name")}";
        return [Cell.Name(obj), obj.Child("spec").Text("policyName") ?? "", name, Cell.Age(obj, now)];
    }

    public static JsonNode?[] ApiService(JsonObject obj, DateTimeOffset now)
    {
        var service = obj.Child("spec", "service");
        var available = Cell.Condition(obj, "Available");
        var state = available is null ? "Unknown" : available.Text("status") == "True" ? "True" : $"{available.Text("status")} ({available.Text("reason")})";
        return [Cell.Name(obj), service is null ? "Local" : $"{service.Text("namespace")}/{service.Text("name")}", state, Cell.Age(obj, now)];
    }

    public static JsonNode?[] FlowSchema(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Child("spec");
        return
        [
            Cell.Name(obj), spec.Child("priorityLevelConfiguration").Text("name") ?? Cell.None, spec.Number("matchingPrecedence") ?? 0,
            spec.Child("distinguisherMethod").Text("type") ?? Cell.None, Cell.Age(obj, now), Cell.Condition(obj, "Dangling").Text("status") ?? "?",
        ];
    }

    public static JsonNode?[] PriorityLevel(JsonObject obj, DateTimeOffset now)
    {
        var limited = obj.Child("spec", "limited");
        var queuing = limited.Child("limitResponse", "queuing");
        JsonNode Setting(string name) => queuing?[name]?.DeepClone() ?? Cell.None;
        return
        [
            Cell.Name(obj), obj.Child("spec").Text("type") ?? "", limited?["nominalConcurrencyShares"]?.DeepClone() ?? Cell.None,
            Setting("queues"), Setting("handSize"), Setting("queueLengthLimit"), Cell.Age(obj, now),
        ];
    }

    public static JsonNode?[] SigningRequest(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Child("spec");
        var duration = spec.Number("expirationSeconds") is { } seconds ? HumanDuration.Format(TimeSpan.FromSeconds(seconds)) : Cell.None;
        return [Cell.Name(obj), Cell.Age(obj, now), spec.Text("signerName") ?? Cell.None, spec.Text("username") ?? "", duration, SigningState(obj)];
    }

    private static string SigningState(JsonObject obj)
    {
        var types = obj.Child("status").Objects("conditions").Select(c => c.Text("type")).ToHashSet();
        var state = types.Contains("Denied") ? "Denied" : types.Contains("Approved") ? "Approved" : "Pending";
        var failed = types.Contains("Failed") ? ",Failed" : "";
        var issued = obj.Child("status").Text("certificate") is { Length: > 0 } ? ",Issued" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{state}{failed}{issued}");
    }
}
