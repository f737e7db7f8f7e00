using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ReplicaSets;

/// <summary>Wires ReplicaSets, ReplicationControllers and their pods to the reconciler.</summary>
internal static class ReplicaSetController
{
    public const string SelectorIndex = "selector";

    public static void Add(ControllerContext context) => Add("replicasets", context, ReplicaKinds.Sets(context.Informer<ReplicaSet>()), workers: 8);

    public static void AddReplicationControllers(ControllerContext context) => Add("replicationcontrollers", context, ReplicaKinds.Controllers(), workers: 4);

    private static void Add<TSet>(string name, ControllerContext context, ReplicaKind<TSet> kind, int workers)
        where TSet : class, IKubeObject<TSet>, new()
    {
        var sets = context.Informer<TSet>().AddIndex(SelectorIndex, s => [LabelSelectors.SelectorKey(s.Metadata.Namespace, kind.View(s)?.Selector.MatchLabels)]);
        var controller = context.Add(name, new ReplicaSetReconciler<TSet>(kind, context, context.Recorder(kind.Component)), workers);
        context.Watch<TSet>(controller.Enqueue);
        context.Informer<Pod>().OnChange((old, now) =>
        {
            EnqueueOwner<TSet>(controller, old);
            EnqueueOwner<TSet>(controller, now);
            if (now is { Metadata.DeletionTimestamp: null } && Owners.ControllerOf(now) is null)
            {
                EnqueueAdopters(controller, sets, kind, now);
            }
        });
    }

    private static void EnqueueOwner<TSet>(Controller controller, Pod? pod)
        where TSet : class, IKubeObject<TSet>, new()
    {
        if (pod is not null && Owners.ControllerOf(pod) is { } owner && Owners.IsKind<TSet>(owner))
        {
            controller.Enqueue(new ObjectKey(pod.Metadata.Namespace, owner.Name!));
        }
    }

    private static void EnqueueAdopters<TSet>(Controller controller, Informer<TSet> sets, ReplicaKind<TSet> kind, Pod orphan)
        where TSet : class, IKubeObject<TSet>, new()
    {
        foreach (var set in LabelSelectors.LabelKeys(orphan.Metadata.Namespace, orphan.Metadata.Labels).SelectMany(k => sets.ByIndex(SelectorIndex, k)))
        {
            if (LabelSelectors.Matches(kind.View(set)?.Selector, orphan.Metadata.Labels))
            {
                controller.Enqueue(ObjectKey.Of(set));
            }
        }
    }
}
