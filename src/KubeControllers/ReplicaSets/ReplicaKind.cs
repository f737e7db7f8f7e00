using Sealos.ControllerKit.Caching;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ReplicaSets;

/// <summary>What a set of replicas asks for and says, whatever its kind.</summary>
internal sealed record ReplicaView(int Replicas, LabelSelector Selector, PodTemplateSpec? Template, ReplicaSetStatus? Status)
{
    public int MinReadySeconds { get; init; }

    public long? Generation { get; init; }
}

/// <summary>A kind that asks for replicas of a pod.</summary>
/// <param name="Component">What its events say they are from.</param>
/// <param name="View">Reads an object; null when it has no spec.</param>
/// <param name="WithStatus">The object with another status.</param>
/// <param name="PodsOfSiblings">The pods among which the ones to delete are chosen fairly.</param>
internal sealed record ReplicaKind<TSet>(
    string Component,
    Func<TSet, ReplicaView?> View,
    Func<TSet, ReplicaSetStatus, TSet> WithStatus,
    Func<PodLookup, TSet, IEnumerable<Pod>> PodsOfSiblings)
    where TSet : class, IKubeObject<TSet>, new();

/// <summary>The kinds that ask for replicas of a pod.</summary>
internal static class ReplicaKinds
{
    public static ReplicaKind<ReplicaSet> Sets(Informer<ReplicaSet> sets) => new(
        "replicaset-controller",
        set => set.Spec is not { Selector: { } selector } spec ? null : new ReplicaView(spec.Replicas ?? 1, selector, spec.Template, set.Status)
        {
            MinReadySeconds = spec.MinReadySeconds ?? 0,
            Generation = set.Metadata.Generation,
        },
        (set, status) => new ReplicaSet { Metadata = set.Metadata, Spec = set.Spec, Status = status },
        (pods, set) => pods.OfSiblings(set, sets));

    public static ReplicaKind<ReplicationController> Controllers() => new(
        "replication-controller",
        set => set.Spec is not { Selector: { } selector } spec ? null : new ReplicaView(spec.Replicas ?? 1, new LabelSelector { MatchLabels = selector }, spec.Template, ToSet(set.Status))
        {
            MinReadySeconds = spec.MinReadySeconds ?? 0,
            Generation = set.Metadata.Generation,
        },
        (set, status) => new ReplicationController { Metadata = set.Metadata, Spec = set.Spec, Status = FromSet(status) },
        (pods, set) => pods.OwnedBy(set));

    private static ReplicaSetStatus? ToSet(ReplicationControllerStatus? status) => status is null ? null : new()
    {
        Replicas = status.Replicas,
        FullyLabeledReplicas = status.FullyLabeledReplicas,
        ReadyReplicas = status.ReadyReplicas,
        AvailableReplicas = status.AvailableReplicas,
        ObservedGeneration = status.ObservedGeneration,
        Conditions = status.Conditions?.ConvertAll(c => new ReplicaSetCondition { Type = c.Type, Status = c.Status, Reason = c.Reason, Message = c.Message, LastTransitionTime = c.LastTransitionTime }),
    };

    private static ReplicationControllerStatus FromSet(ReplicaSetStatus status) => new()
    {
        Replicas = status.Replicas,
        FullyLabeledReplicas = status.FullyLabeledReplicas,
        ReadyReplicas = status.ReadyReplicas,
        AvailableReplicas = status.AvailableReplicas,
        ObservedGeneration = status.ObservedGeneration,
        Conditions = status.Conditions?.ConvertAll(c => new ReplicationControllerCondition { Type = c.Type, Status = c.Status, Reason = c.Reason, Message = c.Message, LastTransitionTime = c.LastTransitionTime }),
    };
}
