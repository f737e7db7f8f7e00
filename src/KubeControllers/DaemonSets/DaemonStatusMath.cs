using Sealos.Kinds.Apps;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.DaemonSets;

/// <summary>What a DaemonSet's status should say.</summary>
internal static class DaemonStatusMath
{
    public static DaemonSetStatus Calculate(DaemonWorld world, int? collisions)
    {
        var (desired, current, misplaced, ready, updated, available) = (0, 0, 0, 0, 0, 0);
        foreach (var (node, fit) in world.Nodes)
        {
            var pods = world.On(node);
            if (!fit.ShouldRun)
            {
                misplaced += pods.Count > 0 ? 1 : 0;
                continue;
            }

            desired++;
            if (pods is not [var first, ..])
            {
                continue;
            }

            current++;
            ready += PodState.IsReady(first) ? 1 : 0;
            available += world.IsAvailable(first) ? 1 : 0;
            updated += world.IsUpdated(first) ? 1 : 0;
        }

        return new DaemonSetStatus
        {
            ObservedGeneration = world.Set.Metadata.Generation,
            DesiredNumberScheduled = desired,
            CurrentNumberScheduled = current,
            NumberMisscheduled = misplaced,
            NumberReady = ready,
            UpdatedNumberScheduled = NoneIfZero(updated),
            NumberAvailable = NoneIfZero(available),
            NumberUnavailable = NoneIfZero(desired - available),
            CollisionCount = collisions,
            Conditions = world.Set.Status?.Conditions,
        };
    }

    private static int? NoneIfZero(int count) => count == 0 ? null : count;
}
