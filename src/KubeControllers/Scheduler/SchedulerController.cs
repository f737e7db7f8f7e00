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
            new ClusterState(ns => namespaces.Get(null, ns)?.Metadata.Labels, context.Storage) { BudgetsOf = pod => context.BudgetsOf(pod), KindOf = new PodKinds(context).Find },
            context.Loggers.CreateLogger("Sealos.KubeControllers.scheduler"),
            context.Time);
        context.Informer<Node>().OnChange(scheduler.Observe);
        context.Informer<Pod>().OnChange(scheduler.Observe);
        var storage = context.Storage;
        storage.AllClaims.OnChange((old, now) => scheduler.ObserveClaim(storage.UsersOf((now ?? old)!.Metadata.Namespace, (now ?? old)!.Metadata.Name)));
        storage.Volumes.OnChange((_, _) => scheduler.ObserveStorage());
        storage.Classes.OnChange((_, _) => scheduler.ObserveStorage());
        context.Run(scheduler.RunAsync, scheduler);
    }
}
