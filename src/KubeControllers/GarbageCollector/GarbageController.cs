using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.GarbageCollector;

/// <summary>Wires the graph of owners to the reconciler.</summary>
internal static class GarbageController
{
    // An owner's event may come by another stream a moment after its dependent's.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(150);

    public static ResourceMonitors Add(ControllerContext context)
    {
        var graph = new OwnerGraph();
        var monitors = new ResourceMonitors(context, graph);
        var controller = context.Add("garbage", new GarbageReconciler(context.Client, graph, monitors, context.Recorder("garbage-collector-controller")), workers: 8);
        monitors.OnAffected(uids =>
        {
            foreach (var uid in uids)
            {
                controller.EnqueueAfter(GarbageReconciler.KeyOf(uid), Grace);
            }
        });
        context.Run(monitors.RunAsync);
        return monitors;
    }
}
