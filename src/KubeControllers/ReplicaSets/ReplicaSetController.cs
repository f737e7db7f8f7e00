using Sealos.ControllerKit;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ReplicaSets;

/// <summary>Wires ReplicaSets and their pods to the reconciler.</summary>
internal static class ReplicaSetController
{
    public const string SelectorIndex = "selector";

    public static void Add(ControllerContext context)
    {
        var sets = context.Informer<ReplicaSet>().AddIndex(SelectorIndex, s => [LabelSelectors.SelectorKey(s.Metadata.Namespace, s.Spec?.Selector?.MatchLabels)]);
        var controller = context.Add("replicasets", new ReplicaSetReconciler(context, context.Recorder("replicaset-controller")), workers: 8);
        context.Watch<ReplicaSet>(controller.Enqueue);
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
        if (pod is not null && Owners.ControllerOf(pod) is { } owner && Owners.IsKind<ReplicaSet>(owner))
        {
            controller.Enqueue(new ObjectKey(pod.Metadata.Namespace, owner.Name!));
        }
    }
}
