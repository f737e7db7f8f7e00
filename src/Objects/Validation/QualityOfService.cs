using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>How well a pod is served when its machine is short of something. Pure.</summary>
public static class QualityOfService
{
    private static readonly string[] Resources = ["cpu", "memory"];

    /// <summary>Guaranteed when every container's limits equal its requests, BestEffort when none says anything.</summary>
    public static string Of(JsonObject? spec)
    {
        var guaranteed = true;
        var any = false;
        foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
        {
            var limits = container.Child("resources", "limits");
            var requests = container.Child("resources", "requests");
            foreach (var resource in Resources)
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
