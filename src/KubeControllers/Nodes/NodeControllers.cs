using Sealos.ControllerKit;
using Sealos.Kinds.Coordination;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Nodes;

/// <summary>Wires nodes, their leases and their pods to the reconcilers that look after them.</summary>
internal static class NodeControllers
{
    private static readonly TimeSpan GatherEnded = TimeSpan.FromSeconds(20);

    public static void Add(ControllerContext context)
    {
        AddNodes(context);
        AddEviction(context);
        AddGarbage(context);
    }

    private static void AddNodes(ControllerContext context)
    {
        var nodes = context.Informer<Node>();
        var controller = context.Add("nodes", new NodeReconciler(context, context.Recorder("node-controller")), workers: 2);
        context.Informer<Lease>($"metadata.namespace={NodeReconciler.LeaseNamespace}").OnChange((old, now) => controller.Enqueue(new ObjectKey(null, (now ?? old)!.Metadata.Name!)));
        nodes.OnChange((old, now) =>
        {
            controller.Enqueue(ObjectKey.Of((now ?? old)!));

            // Whether a silent node's pods may be driven away depends on whether any other is ready.
            if ((old is not null && NodeHealth.IsReady(old)) != (now is not null && NodeHealth.IsReady(now)))
            {
                foreach (var node in nodes.List())
                {
                    controller.Enqueue(ObjectKey.Of(node));
                }
            }
        });
    }

    private static void AddEviction(ControllerContext context)
    {
        var controller = context.Add("taints", new TaintEvictionReconciler(context, context.Recorder("taint-eviction-controller")), workers: 2);
        context.Informer<Node>().OnChange((old, now) =>
        {
            if (now?.Spec?.Taints is { Count: > 0 } && !JsonSame.As(old?.Spec?.Taints, now.Spec.Taints))
            {
                foreach (var pod in context.Pods.OnNode(now.Metadata.Name!))
                {
                    controller.Enqueue(ObjectKey.Of(pod));
                }
            }
        });
        context.Informer<Pod>().OnChange((old, now) =>
        {
            if (now is not null && PodState.NodeName(now) is not null && (old is null || PodState.NodeName(old) is null || !JsonSame.As(old.Spec?.Tolerations, now.Spec?.Tolerations)))
            {
                controller.Enqueue(ObjectKey.Of(now));
            }
        });
    }

    private static void AddGarbage(ControllerContext context)
    {
        var nodes = context.Informer<Node>();
        var controller = context.Add("podgarbage", new PodGarbageReconciler(context), workers: 1);
        nodes.OnChange((old, now) =>
        {
            if (now is null || old is null)
            {
                controller.Enqueue(ObjectKey.Of((now ?? old)!));
            }

            if (PodGarbageReconciler.IsOutOfService(now) && !PodGarbageReconciler.IsOutOfService(old))
            {
                foreach (var pod in context.Pods.OnNode(now!.Metadata.Name!))
                {
                    controller.Enqueue(ObjectKey.Of(pod));
                }
            }
        });
        context.Informer<Pod>().OnChange((_, now) =>
        {
            if (now is not null && PodState.NodeName(now) is { } node && nodes.Get(null, node) is null)
            {
                controller.Enqueue(new ObjectKey(null, node));
            }

            if (now is not null && PodGarbageReconciler.IsStuck(now, name => nodes.Get(null, name)))
            {
                controller.Enqueue(ObjectKey.Of(now));
            }

            if (now is not null && PodState.IsTerminal(now))
            {
                controller.EnqueueAfter(PodGarbageReconciler.Ended, GatherEnded);
            }
        });
    }
}
