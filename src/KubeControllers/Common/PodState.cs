using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Common;

/// <summary>What a pod's status says, as controllers ask it.</summary>
internal static class PodState
{
    /// <summary>Its containers have ended for good.</summary>
    public static bool IsTerminal(Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    /// <summary>It counts as a replica: neither ended nor being deleted.</summary>
    public static bool IsActive(Pod pod) => !IsTerminal(pod) && pod.Metadata.DeletionTimestamp is null;

    public static PodCondition? Condition(Pod pod, string type) => pod.Status?.Conditions?.Find(c => c.Type == type);

    public static bool IsReady(Pod pod) => Condition(pod, "Ready")?.Status == "True";

    /// <summary>When it last became ready; null when it is not.</summary>
    public static DateTimeOffset? ReadySince(Pod pod) =>
        Condition(pod, "Ready") is { Status: "True" } ready ? ready.LastTransitionTime ?? pod.Metadata.CreationTimestamp : null;

    /// <summary>Ready for at least <paramref name="minReadySeconds"/>.</summary>
    public static bool IsAvailable(Pod pod, int minReadySeconds, DateTimeOffset now) =>
        IsReady(pod) && (minReadySeconds == 0 || ReadySince(pod) + TimeSpan.FromSeconds(minReadySeconds) <= now);

    /// <summary>How long until the first ready but not yet available pod becomes available; null when none waits.</summary>
    public static TimeSpan? UntilNextAvailable(IEnumerable<Pod> pods, int minReadySeconds, DateTimeOffset now)
    {
        if (minReadySeconds == 0)
        {
            return null;
        }

        TimeSpan? soonest = null;
        foreach (var pod in pods)
        {
            if (ReadySince(pod) + TimeSpan.FromSeconds(minReadySeconds) - now is { } wait && wait > TimeSpan.Zero && (soonest is null || wait < soonest))
            {
                soonest = wait;
            }
        }

        return soonest;
    }

    /// <summary>The node it is bound to, or null.</summary>
    public static string? NodeName(Pod pod) => pod.Spec?.NodeName is { Length: > 0 } name ? name : null;
}
