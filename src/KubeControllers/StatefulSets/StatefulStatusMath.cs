using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>What a StatefulSet's status should say.</summary>
internal static class StatefulStatusMath
{
    public static StatefulSetStatus Calculate(StatefulSet set, IReadOnlyList<Pod> pods, StatefulRevisions revisions, DateTimeOffset now)
    {
        var ready = pods.Count(p => p.Status?.Phase == "Running" && PodState.IsReady(p));
        var staying = pods.Where(p => p.Metadata.DeletionTimestamp is null).ToList();
        var updated = staying.Count(p => StatefulPods.RevisionOf(p) == revisions.Update.Metadata.Name);
        var status = new StatefulSetStatus
        {
            ObservedGeneration = set.Metadata.Generation,
            Replicas = pods.Count,
            ReadyReplicas = NoneIfZero(ready),
            AvailableReplicas = pods.Count(p => p.Status?.Phase == "Running" && PodState.IsAvailable(p, set.Spec!.MinReadySeconds ?? 0, now)),
            CurrentReplicas = NoneIfZero(staying.Count(p => StatefulPods.RevisionOf(p) == revisions.Current.Metadata.Name)),
            UpdatedReplicas = NoneIfZero(updated),
            CurrentRevision = revisions.Current.Metadata.Name,
            UpdateRevision = revisions.Update.Metadata.Name,
            CollisionCount = revisions.Collisions,
            Conditions = set.Status?.Conditions,
        };
        var wanted = StatefulPods.Replicas(set);
        if (set.Spec!.UpdateStrategy?.Type != "OnDelete" && updated == wanted && ready == wanted && pods.Count == wanted)
        {
            status.CurrentRevision = status.UpdateRevision;
            status.CurrentReplicas = status.UpdatedReplicas;
        }

        return status;
    }

    private static int? NoneIfZero(int count) => count == 0 ? null : count;
}
