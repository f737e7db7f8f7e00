using Sealos.ControllerKit;
using Sealos.Kinds.AutoscalingV2;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>Wires autoscalers to the reconciler, which looks at each once in a period; new and changed ones at once.</summary>
internal static class AutoscalerController
{
    public static void Add(ControllerContext context)
    {
        var controller = context.Add("autoscalers", new AutoscalerReconciler(context, context.Recorder("horizontal-pod-autoscaler")), workers: 4);
        context.Informer<HorizontalPodAutoscaler>().OnChange((old, now) =>
        {
            // Its own status is news to nobody.
            if (old is null || now is null || !JsonSame.As(old.Spec, now.Spec))
            {
                controller.Enqueue(ObjectKey.Of((now ?? old)!));
            }
        });
    }
}
