using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Apps;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Deployments;

/// <summary>Wires Deployments, their ReplicaSets and, for Recreate, their pods to the reconciler.</summary>
internal static class DeploymentController
{
    public const string OwnerIndex = "owner";
    public const string OrphanIndex = "orphans";
    private const string SelectorIndex = "selector";

    public static void Add(ControllerContext context)
    {
        var sets = context.Informer<ReplicaSet>()
            .AddIndex(OwnerIndex, s => Owners.ControllerOf(s)?.Uid is { } uid ? [uid] : [])
            .AddIndex(OrphanIndex, s => Owners.ControllerOf(s) is null ? [s.Metadata.Namespace ?? ""] : []);
        var deployments = context.Informer<Deployment>().AddIndex(SelectorIndex, d => [LabelSelectors.SelectorKey(d.Metadata.Namespace, d.Spec?.Selector?.MatchLabels)]);
        var controller = context.Add("deployments", new DeploymentReconciler(context, context.Recorder("deployment-controller")), workers: 8);
        context.Watch<Deployment>(controller.Enqueue);
        sets.OnChange((old, now) =>
        {
            EnqueueOwner(controller, old);
            EnqueueOwner(controller, now);
            EnqueueAdopters(controller, deployments, now);
        });
        context.Informer<Pod>().OnChange((old, now) => EnqueueRecreate(controller, sets, deployments, now ?? old!, now is null));
    }

    private static void EnqueueOwner(Controller controller, ReplicaSet? set)
    {
        if (set is not null && Owners.ControllerOf(set) is { } owner && Owners.IsKind<Deployment>(owner))
        {
            controller.Enqueue(new ObjectKey(set.Metadata.Namespace, owner.Name!));
        }
    }

    private static void EnqueueAdopters(Controller controller, Informer<Deployment> deployments, ReplicaSet? set)
    {
        if (set is not { Metadata.DeletionTimestamp: null } || Owners.ControllerOf(set) is not null)
        {
            return;
        }

        foreach (var deployment in LabelSelectors.LabelKeys(set.Metadata.Namespace, set.Metadata.Labels).SelectMany(k => deployments.ByIndex(SelectorIndex, k)))
        {
            if (LabelSelectors.Matches(deployment.Spec?.Selector, set.Metadata.Labels))
            {
                controller.Enqueue(ObjectKey.Of(deployment));
            }
        }
    }

    // Only Recreate waits for pods themselves to be gone; everything else learns of pods from the ReplicaSets' status.
    private static void EnqueueRecreate(Controller controller, Informer<ReplicaSet> sets, Informer<Deployment> deployments, Pod pod, bool isGone)
    {
        if ((!isGone && !PodState.IsTerminal(pod)) || Owners.ControllerOf(pod) is not { } owner || !Owners.IsKind<ReplicaSet>(owner))
        {
            return;
        }

        if (sets.Get(pod.Metadata.Namespace, owner.Name!) is IKubeObject set && Owners.ControllerOf(set) is { } parent
            && deployments.Get(pod.Metadata.Namespace, parent.Name!)?.Spec?.Strategy?.Type == "Recreate")
        {
            controller.Enqueue(new ObjectKey(pod.Metadata.Namespace, parent.Name!));
        }
    }
}
