using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ReplicaSets;

/// <summary>What the status of a set of replicas should say.</summary>
internal static class ReplicaSetStatusMath
{
    /// <summary>Counts the active pods; <paramref name="failure"/> is the reason and message of why replicas are missing or too many.</summary>
    public static ReplicaSetStatus Calculate(ReplicaView set, IReadOnlyList<Pod> pods, (string Reason, string Message)? failure, DateTimeOffset now)
    {
        var minReady = set.MinReadySeconds;
        var templateLabels = set.Template?.Metadata?.Labels;
        return new ReplicaSetStatus
        {
            Replicas = pods.Count,
            FullyLabeledReplicas = NoneIfZero(pods.Count(p => LabelSelectors.Matches(templateLabels, p.Metadata.Labels))),
            ReadyReplicas = NoneIfZero(pods.Count(PodState.IsReady)),
            AvailableReplicas = NoneIfZero(pods.Count(p => PodState.IsAvailable(p, minReady, now))),
            ObservedGeneration = set.Generation,
            Conditions = Conditions(set.Status?.Conditions, failure, now),
        };
    }

    private static List<ReplicaSetCondition>? Conditions(List<ReplicaSetCondition>? known, (string Reason, string Message)? failure, DateTimeOffset now)
    {
        List<ReplicaSetCondition> conditions = [.. (known ?? []).Where(c => c.Type != "ReplicaFailure")];
        if (failure is { } f)
        {
            var old = known?.Find(c => c.Type == "ReplicaFailure");
            conditions.Add(old is not null && old.Reason == f.Reason
                ? old
                : new ReplicaSetCondition { Type = "ReplicaFailure", Status = "True", Reason = f.Reason, Message = f.Message, LastTransitionTime = now });
        }

        return conditions.Count == 0 ? null : conditions;
    }

    // Counts that Kubernetes leaves out when zero; writing them would make every comparison with what was read differ.
    private static int? NoneIfZero(int count) => count == 0 ? null : count;
}
