using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.ApiServer.Strategies;

/// <summary>Pods begin pending with a quality of service, and are given time to stop.</summary>
internal sealed class PodStrategy : Strategy
{
    private static readonly string[] ResourceLists = ["requests", "limits"];

    public override bool ReturnsDeleted => true;

    public override void PrepareForCreate(JsonObject obj, Resource resource) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService.Of(obj.Child("spec")) };

    public override JsonObject PrepareForPart(string subresource, JsonObject obj, JsonObject old)
    {
        if (subresource == "ephemeralcontainers")
        {
            return WithEphemeralContainers(obj, old);
        }

        if (subresource == "resize")
        {
            return Resized(obj, old);
        }

        var result = base.PrepareForPart(subresource, obj, old);
        if (subresource == "status" && obj.Child("metadata") is { } given)
        {
            // Of pods, whoever reports on them may relabel them too, but for nodes.
            CopyField(given, result.Child("metadata")!, "labels");
            CopyField(given, result.Child("metadata")!, "finalizers");
        }

        if (subresource == "status" && result.Child("status") is { } status && status.Text("qosClass") is null or "" && old.Child("status").Text("qosClass") is { } qos)
        {
            status["qosClass"] = qos;
        }

        return result;
    }

    // Nothing else of what is sent counts.
    private static JsonObject WithEphemeralContainers(JsonObject obj, JsonObject old)
    {
        var result = (JsonObject)old.DeepClone();
        CopyField(obj.Child("spec") ?? [], result.Child("spec")!, "ephemeralContainers");
        return result;
    }

    // Containers are told by their names, so that one that was moved does not change another.
    private static JsonObject Resized(JsonObject obj, JsonObject old)
    {
        var result = (JsonObject)old.DeepClone();
        var containers = result.Child("spec").Objects("containers").ToList();
        var isProposed = false;
        foreach (var wanted in obj.Child("spec").Objects("containers"))
        {
            if (containers.Find(c => c.Text("name") == wanted.Text("name")) is not { } container)
            {
                continue;
            }

            isProposed |= wanted.Child("resources")?["requests"] is not null && !SameAmounts(wanted.Child("resources"), container.Child("resources"));
            CopyField(wanted, container, "resources");
            CopyField(wanted, container, "resizePolicy");
        }

        if (isProposed && result.Child("status") is { } status)
        {
            status["resize"] = "Proposed";
        }

        return result;
    }

    // The same amount may be written in many ways.
    private static bool SameAmounts(JsonObject? left, JsonObject? right) => ResourceLists.All(list =>
    {
        var (one, other) = (left.Child(list) ?? [], right.Child(list) ?? []);
        return one.Count == other.Count && one.All(e => other.ContainsKey(e.Key) && Amount(one, e.Key) == Amount(other, e.Key));
    });

    public override long? GraceSeconds(JsonObject obj, DeleteOptions options)
    {
        var spec = obj.Child("spec");
        if (string.IsNullOrEmpty(spec.Text("nodeName")) || obj.Child("status").Text("phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        var grace = options.GracePeriodSeconds ?? spec.Number("terminationGracePeriodSeconds") ?? 30;
        return grace < 0 ? 1 : grace;
    }

    private static decimal Amount(JsonObject? amounts, string resource) =>
        Quantity.TryParse(amounts?[resource]?.ToString(), out var quantity) ? quantity.Value : 0;
}
