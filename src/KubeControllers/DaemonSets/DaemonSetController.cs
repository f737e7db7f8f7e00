using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.DaemonSets;

/// <summary>Wires DaemonSets, their pods and the nodes to the reconciler.</summary>
internal static class DaemonSetController
{
    private const string SelectorIndex = "selector";

    public static void Add(ControllerContext context)
    {
        var sets = context.Informer<DaemonSet>().AddIndex(SelectorIndex, s => [LabelSelectors.SelectorKey(s.Metadata.Namespace, s.Spec?.Selector?.MatchLabels)]);
        var controller = context.Add("daemonsets", new DaemonSetReconciler(context, context.Recorder("daemonset-controller")), workers: 2);
        context.Watch<DaemonSet>(controller.Enqueue);
        context.Informer<Node>().OnChange((old, now) => EnqueueConcerned(controller, sets, old, now));
        context.Informer<Pod>().OnChange((old, now) =>
        {
            EnqueueOwner(controller, old);
            EnqueueOwner(controller, now);
            if (now is { Metadata.DeletionTimestamp: null } && Owners.ControllerOf(now) is null)
            {
                foreach (var set in LabelSelectors.LabelKeys(now.Metadata.Namespace, now.Metadata.Labels).SelectMany(k => sets.ByIndex(SelectorIndex, k)))
                {
                    if (LabelSelectors.Matches(set.Spec?.Selector, now.Metadata.Labels))
                    {
                        controller.Enqueue(ObjectKey.Of(set));
                    }
                }
            }
        });
    }

    private static void EnqueueOwner(Controller controller, Pod? pod)
    {
        if (pod is not null && Owners.ControllerOf(pod) is { } owner && Owners.IsKind<DaemonSet>(owner))
        {
            controller.Enqueue(new ObjectKey(pod.Metadata.Namespace, owner.Name!));
        }
    }

    // Nodes report every few seconds; only what decides who runs there is looked at.
    private static void EnqueueConcerned(Controller controller, Informer<DaemonSet> sets, Node? old, Node? now)
    {
        if (old is not null && now is not null && JsonSame.As(old.Metadata.Labels, now.Metadata.Labels) && JsonSame.As(old.Spec?.Taints, now.Spec?.Taints))
        {
            return;
        }

        foreach (var set in sets.List().Where(s => s.Spec?.Template is not null))
        {
            if (FitOf(set, old) != FitOf(set, now))
            {
                controller.Enqueue(ObjectKey.Of(set));
            }
        }
    }

    private static DaemonFit FitOf(DaemonSet set, Node? node) => node is null ? default : DaemonFit.Of(set, node);
}
