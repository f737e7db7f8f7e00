using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;
using Sealos.KubeControllers.GarbageCollector;

namespace Sealos.KubeControllers.Namespaces;

/// <summary>Wires namespaces, and whatever disappears from one, to the reconciler.</summary>
internal static class NamespaceController
{
    // Deletions come in crowds; one look serves many of them.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    public static void Add(ControllerContext context, ResourceMonitors monitors)
    {
        var namespaces = context.Informer<Namespace>();
        var controller = context.Add("namespaces", new NamespaceReconciler(context), workers: 4);
        namespaces.OnChange((_, now) =>
        {
            if (now?.Metadata.DeletionTimestamp is not null)
            {
                controller.Enqueue(ObjectKey.Of(now));
            }
        });
        monitors.OnRemoved(ns =>
        {
            if (namespaces.Get(null, ns)?.Metadata.DeletionTimestamp is not null)
            {
                controller.EnqueueAfter(new ObjectKey(null, ns), Gather);
            }
        });
    }
}
