using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.DaemonSets;

/// <summary>Brings one pod to each node that should have one, and takes away what should not be.</summary>
internal static class DaemonPlacement
{
    public static DaemonPlan Make(DaemonWorld world)
    {
        var plan = new DaemonPlan();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (node, fit) in world.Nodes)
        {
            known.Add(node);
            if (fit.ShouldRun && world.On(node).Count == 0)
            {
                plan.Create.Add(node);
            }
            else if (fit.MayStay)
            {
                Tidy(world, (node, fit), plan);
            }
            else
            {
                plan.Delete.AddRange(world.On(node).Where(p => !world.IsLeaving(p)));
            }
        }

        // Nobody else would delete what waits for a node that is gone.
        plan.Delete.AddRange(world.Pods.Where(p => !known.Contains(p.Key)).SelectMany(p => p.Value).Where(p => PodState.NodeName(p) is null && !world.IsLeaving(p)));
        return plan;
    }

    private static void Tidy(DaemonWorld world, (string Name, DaemonFit Fit) node, DaemonPlan plan)
    {
        var running = new List<Pod>();
        foreach (var pod in world.On(node.Name).Where(p => !world.IsLeaving(p)))
        {
            switch (pod.Status?.Phase)
            {
                case "Failed":
                    plan.Failed.Add((node.Name, pod));
                    break;
                case "Succeeded":
                    plan.Succeeded.Add((node.Name, pod));
                    break;
                default:
                    running.Add(pod);
                    break;
            }
        }

        if (!world.AllowsSurge)
        {
            plan.Delete.AddRange(running.Skip(1));
        }
        else if (running.Count > 1)
        {
            KeepTwo(world, running, plan);
        }
        else if (running.Count == 0 && node.Fit.ShouldRun && plan.Failed.TrueForAll(f => f.Node != node.Name))
        {
            // While it surges a node has one pod that stays, whatever else is leaving.
            plan.Create.Add(node.Name);
        }
    }

    // Two may run side by side only while the old one is ready and the new one is not yet available.
    private static void KeepTwo(DaemonWorld world, List<Pod> running, DaemonPlan plan)
    {
        var updated = running.Find(world.IsUpdated);
        var old = running.Find(p => !world.IsUpdated(p));
        plan.Delete.AddRange(running.Where(p => p != updated && p != old));
        if (updated is not null && old is not null && (!PodState.IsReady(old) || world.IsAvailable(updated)))
        {
            plan.Delete.Add(old);
        }
    }
}
