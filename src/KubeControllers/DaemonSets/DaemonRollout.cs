using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.DaemonSets;

/// <summary>The next step of a rolling update: old pods that go, or nodes that get a new pod beside the old one.</summary>
internal static class DaemonRollout
{
    public static DaemonPlan Make(DaemonWorld world)
    {
        var plan = new DaemonPlan();
        if (world.Set.Spec!.UpdateStrategy?.Type == "OnDelete")
        {
            return plan;
        }

        var desired = world.Desired;
        if (world.Surge(desired) is var surge and > 0)
        {
            SurgeBy(surge, world, plan);
        }
        else
        {
            Replace(world.MaxUnavailable(desired), world, plan);
        }

        return plan;
    }

    // Nodes that are to have a pod and have none count as unavailable; pods on their way out do not.
    private static void Replace(int maxUnavailable, DaemonWorld world, DaemonPlan plan)
    {
        var unavailable = 0;
        var candidates = new List<Pod>();
        foreach (var node in NodesInQuestion(world))
        {
            if (Find(world, node) is not { } found || (found.Old is null) == (found.New is null))
            {
                unavailable++;
            }
            else if (found.New is not null)
            {
                unavailable += world.IsAvailable(found.New) ? 0 : 1;
            }
            else if (world.IsAvailable(found.Old!))
            {
                candidates.Add(found.Old!);
            }
            else
            {
                // It serves nobody, so nothing is lost.
                plan.Delete.Add(found.Old!);
                unavailable++;
            }
        }

        plan.Delete.AddRange(candidates.Take(Math.Max(0, maxUnavailable - unavailable)));
    }

    private static void SurgeBy(int surge, DaemonWorld world, DaemonPlan plan)
    {
        var fits = world.Nodes.ToDictionary(n => n.Name, n => n.Fit, StringComparer.Ordinal);
        var (surging, available) = (0, 0);
        var (candidates, misplaced) = (new List<string>(), new List<Pod>());
        foreach (var node in NodesInQuestion(world))
        {
            if (Find(world, node) is not { } found)
            {
                surging++;
                continue;
            }

            available += (found.Old ?? found.New) is { } pod && world.IsAvailable(pod) ? 1 : 0;
            if (found.Old is null)
            {
                continue;
            }

            var belongs = fits.TryGetValue(node, out var fit) && fit.ShouldRun;
            switch (found.New, world.IsAvailable(found.Old))
            {
                case (null, false) when belongs:
                    plan.Create.Add(node);
                    break;
                case (null, false):
                    plan.Delete.Add(found.Old);
                    break;
                case (null, true) when belongs:
                    candidates.Add(node);
                    break;
                case (null, true):
                    misplaced.Add(found.Old);
                    break;
                case ({ } updated, _) when world.IsAvailable(updated):
                    plan.Delete.Add(found.Old);
                    break;
                default:
                    surging++;
                    break;
            }
        }

        // Who asked to surge wants all of its availability: what is on the wrong node goes when the right ones serve.
        plan.Delete.AddRange(misplaced.Take(Math.Max(0, available - world.Desired)));
        plan.Create.AddRange(candidates.Take(Math.Max(0, surge - surging)));
    }

    private static IEnumerable<string> NodesInQuestion(DaemonWorld world) =>
        world.Nodes.Where(n => n.Fit.ShouldRun).Select(n => n.Name).Union(world.Pods.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal);

    // Null when there are several of a kind, which must be tidied up first.
    private static OnNode? Find(DaemonWorld world, string node)
    {
        var staying = world.On(node).FindAll(p => !world.IsLeaving(p));
        var (updated, old) = (staying.FindAll(world.IsUpdated), staying.FindAll(p => !world.IsUpdated(p)));
        return updated.Count > 1 || old.Count > 1 ? null : new OnNode(updated.FirstOrDefault(), old.FirstOrDefault());
    }

    private readonly record struct OnNode(Pod? New, Pod? Old);
}
