using Sealos.ControllerKit;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.StatefulSets;

/// <summary>Wires StatefulSets, their revisions and their pods to the reconciler.</summary>
internal static class StatefulSetController
{
    private const string SelectorIndex = "selector";

    public static void Add(ControllerContext context)
    {
        var sets = context.Informer<StatefulSet>().AddIndex(SelectorIndex, s => [LabelSelectors.SelectorKey(s.Metadata.Namespace, s.Spec?.Selector?.MatchLabels)]);
        var controller = context.Add("statefulsets", new StatefulSetReconciler(context, context.Recorder("statefulset-controller")), workers: 4);
        context.Watch<StatefulSet>(controller.Enqueue);
        context.Informer<Pod>().OnChange((old, now) =>
        {
            EnqueueOwner(controller, old);
            EnqueueOwner(controller, now);
            if (now is { Metadata.DeletionTimestamp: null } && Owners.ControllerOf(now) is null)
            {
                foreach (var set in LabelSelectors.LabelKeys(now.Metadata.Namespace, now.Metadata.Labels).SelectMany(k => sets.ByIndex(SelectorIndex, k)))
                {
                    controller.Enqueue(ObjectKey.Of(set));
                }
            }
        });
    }

    private static void EnqueueOwner(Controller controller, Pod? pod)
    {
        if (pod is not null && Owners.ControllerOf(pod) is { } owner && Owners.IsKind<StatefulSet>(owner))
        {
            controller.Enqueue(new ObjectKey(pod.Metadata.Namespace, owner.Name!));
        }
    }
}
