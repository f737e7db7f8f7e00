using Sealos.Kinds.Core;

namespace Sealos.Node.Registration;

/// <summary>What an operator should hear of when a node's state changes, in Kubernetes' words. Pure.</summary>
internal static class NodeChanges
{
    /// <summary>The reasons of the events, each of the form that says what holds now.</summary>
    public static IEnumerable<string> Between(NodeStatus? before, NodeStatus after)
    {
        foreach (var condition in after.Conditions ?? [])
        {
            var old = before?.Conditions?.Find(c => c.Type == condition.Type);
            if (old?.Status != condition.Status && Reason(condition.Type, condition.Status == "True") is { } reason)
            {
                yield return reason;
            }
        }
    }

    /// <summary>Whether the machine was started anew in between.</summary>
    public static bool IsRebooted(NodeStatus? before, NodeStatus after) =>
        before?.NodeInfo?.BootID is { Length: > 0 } boot && boot != after.NodeInfo?.BootID;

    private static string? Reason(string? type, bool holds) => type switch
    {
        "Ready" => holds ? "NodeReady" : "NodeNotReady",
        "MemoryPressure" => holds ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory",
        "DiskPressure" => holds ? "NodeHasDiskPressure" : "NodeHasNoDiskPressure",
        "PIDPressure" => holds ? "NodeHasInsufficientPID" : "NodeHasSufficientPID",
        _ => null,
    };
}
