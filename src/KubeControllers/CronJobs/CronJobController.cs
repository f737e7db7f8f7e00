using Sealos.ControllerKit;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Batch;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.CronJobs;

/// <summary>Wires cron jobs and their jobs to the reconciler.</summary>
internal static class CronJobController
{
    public const string OwnerIndex = "owner";

    public static void Add(ControllerContext context)
    {
        var jobs = context.Informer<Job>().AddIndex(OwnerIndex, j => Owners.ControllerOf(j)?.Uid is { } uid ? [uid] : []);
        var controller = context.Add("cronjobs", new CronJobReconciler(context, context.Recorder("cronjob-controller")), workers: 5);
        context.Watch<CronJob>(controller.Enqueue);
        jobs.OnChange((old, now) =>
        {
            EnqueueOwner(controller, old);
            EnqueueOwner(controller, now);
        });
    }

    private static void EnqueueOwner(Controller controller, Job? job)
    {
        if (job is not null && Owners.ControllerOf(job) is { } owner && Owners.IsKind<CronJob>(owner))
        {
            controller.Enqueue(new ObjectKey(job.Metadata.Namespace, owner.Name!));
        }
    }
}
