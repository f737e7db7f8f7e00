using Sealos.Kinds.Core;

namespace Sealos.ControllerKit.Placing;

/// <summary>Whether pods put up with taints, and for how long.</summary>
public static class Tolerations
{
    /// <summary>Whether a toleration is for a taint.</summary>
    public static bool Tolerates(Toleration toleration, Taint taint)
    {
        if (toleration.Effect is { Length: > 0 } effect && effect != taint.Effect)
        {
            return false;
        }

        var hasKey = toleration.Key is { Length: > 0 };
        if (hasKey && toleration.Key != taint.Key)
        {
            return false;
        }

        // Without a key only Exists is allowed; it tolerates everything.
        return toleration.Operator == "Exists" || (hasKey && toleration.Operator is null or "" or "Equal" && (toleration.Value ?? "") == (taint.Value ?? ""));
    }

    /// <summary>Whether one of them is for a taint.</summary>
    public static bool Tolerates(IReadOnlyList<Toleration>? tolerations, Taint taint) => tolerations?.Any(t => Tolerates(t, taint)) == true;

    /// <summary>When a pod must leave a node for its <c>NoExecute</c> taints: null for never.</summary>
    public static DateTimeOffset? EvictionTime(Pod pod, IEnumerable<Taint>? taints, DateTimeOffset now)
    {
        DateTimeOffset? soonest = null;
        foreach (var taint in (taints ?? []).Where(t => t.Effect == "NoExecute"))
        {
            // Of several for one taint the first that is named counts.
            if ((pod.Spec?.Tolerations ?? []).Find(t => Tolerates(t, taint)) is not { } toleration)
            {
                return now;
            }

            // The clock starts when both the taint and the pod were there.
            var start = Later(taint.TimeAdded, pod.Metadata.CreationTimestamp) ?? now;
            if (toleration.TolerationSeconds is { } seconds && start + TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue)) is var end && (soonest is null || end < soonest))
            {
                soonest = end;
            }
        }

        return soonest;
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;
}
