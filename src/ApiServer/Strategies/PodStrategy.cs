using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Strategies;

/// <summary>Pods begin pending with a quality of service, and are given time to stop.</summary>
internal sealed class PodStrategy : Strategy
{
    private static readonly string[] QosResources = ["cpu", "memory"];

    public override bool ReturnsDeleted => true;

    public override void PrepareForCreate(JsonObject obj, Resource resource) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QosClass(obj.Child("spec")) };

    public override JsonObject PrepareForPart(string subresource, JsonObject obj, JsonObject old)
    {
        if (subresource == "ephemeralcontainers")
        {
            return WithEphemeralContainers(obj, old);
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

    /// <summary>Guaranteed when every container's limits equal its requests, BestEffort when none says anything.</summary>
    public static string QosClass(JsonObject? spec)
    {
        var guaranteed = true;
        var any = false;
        foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
        {
            var limits = container.Child("resources", "limits");
            var requests = container.Child("resources", "requests");
            foreach (var resource in QosResources)
            {
                var limit = Amount(limits, resource);
                var request = Amount(requests, resource);
                any |= limit > 0 || request > 0;
                guaranteed &= limit > 0 && (request == limit || requests?[resource] is null);
            }
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static decimal Amount(JsonObject? amounts, string resource) =>
        Quantity.TryParse(amounts?[resource]?.ToString(), out var quantity) ? quantity.Value : 0;
}
