using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Nodes;

/// <summary>What is known of a node from its conditions, and what they say once it has fallen silent.</summary>
internal static class NodeHealth
{
    private static readonly string[] Reported = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

    public static NodeCondition? Condition(Node node, string type) => node.Status?.Conditions?.Find(c => c.Type == type);

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>; a node that never said is not ready.</summary>
    public static string Readiness(Node node) => Condition(node, "Ready")?.Status ?? "False";

    public static bool IsReady(Node node) => Readiness(node) == "True";

    /// <summary>The conditions of a node that nothing is heard of.</summary>
    public static List<NodeCondition> Silenced(Node node, DateTimeOffset now)
    {
        List<NodeCondition> conditions = [.. node.Status?.Conditions ?? []];
        foreach (var type in Reported)
        {
            var index = conditions.FindIndex(c => c.Type == type);
            if (index < 0)
            {
                conditions.Add(new NodeCondition
                {
                    Type = type,
                    Status = "Unknown",
                    Reason = "NodeStatusNeverUpdated",
                    Message = "Kubelet never posted node status.",
                    LastHeartbeatTime = node.Metadata.CreationTimestamp,
                    LastTransitionTime = now,
                });
            }
            else if (conditions[index].Status != "Unknown")
            {
                conditions[index] = new NodeCondition
                {
                    Type = type,
                    Status = "Unknown",
                    Reason = "NodeStatusUnknown",
                    Message = "Kubelet stopped posting node status.",
                    LastHeartbeatTime = conditions[index].LastHeartbeatTime,
                    LastTransitionTime = now,
                };
            }
        }

        return conditions;
    }
}
