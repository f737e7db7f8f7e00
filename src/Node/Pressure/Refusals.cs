using Sealos.Kinds.Core;
using Sealos.Node.Pods;

namespace Sealos.Node.Pressure;

/// <summary>Why a pod that has just come cannot run on this machine as it is now. Pure.</summary>
internal static class Refusals
{
    /// <summary>The reason, or null when it can run.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="pressure">What is short.</param>
    /// <param name="closed">Why the node takes nobody; null when it does.</param>
    public static PodFailure? Find(Pod pod, NodePressure pressure, string? closed)
    {
        if (closed is not null)
        {
            return new PodFailure("NodeShutdown", "Pod was rejected as the node is shutting down.");
        }

        return EvictionOrder.FindRefusal(pod, pressure) is { } message ? new PodFailure("Evicted", message) : null;
    }
}
