using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Subresources;

/// <summary>Conditions in a pod's status that the API server itself sets.</summary>
internal static class PodConditions
{
    /// <summary>Sets a condition, replacing the one of that type.</summary>
    public static void Set(JsonObject pod, string type, string status, string now, string? reason = null, string? message = null)
    {
        if (pod["status"] is not JsonObject podStatus)
        {
            podStatus = [];
            pod["status"] = podStatus;
        }

        if (podStatus["conditions"] is not JsonArray conditions)
        {
            conditions = [];
            podStatus["conditions"] = conditions;
        }

        var condition = new JsonObject { ["type"] = type, ["status"] = status, ["lastProbeTime"] = null, ["lastTransitionTime"] = now };
        if (reason is not null)
        {
            condition["reason"] = reason;
            condition["message"] = message;
        }

        for (var i = 0; i < conditions.Count; i++)
        {
            if ((conditions[i] as JsonObject).Text("type") == type)
            {
                conditions[i] = condition;
                return;
            }
        }

        conditions.Add(condition);
    }
}
