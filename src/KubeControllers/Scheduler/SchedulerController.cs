using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Scheduler;

/// <summary>Wires nodes, pods and namespaces to the scheduler.</summary>
internal static class SchedulerController
{
    public static void Add(ControllerContext context)
    {
        var namespaces = context.Informer<Namespace>();
        var scheduler = new PodScheduler(
            new PodBinder(context.Client, context.Recorder(PodScheduler.Name), context.Time),
            ns => namespaces.Get(null, ns)?.Metadata.Labels,
            context.Loggers.CreateLogger("Sealos.KubeControllers.scheduler"),
            context.Time)
        {
            BudgetsOf = pod => context.BudgetsOf(pod),
        };
        context.Informer<Node>().OnChange(scheduler.Observe);
        context.Informer<Pod>().OnChange(scheduler.Observe);
        context.Run(scheduler.RunAsync, scheduler);
    }
}
