using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Wires jobs and their pods to what looks after them.</summary>
internal static class JobController
{
    private const string SelectorIndex = "selector";

    // Pods of a job tend to end together; what they bring about is written once.
    private static readonly TimeSpan Batch = TimeSpan.FromMilliseconds(100);

    public static void Add(ControllerContext context)
    {
        var jobs = context.Informer<Job>().AddIndex(SelectorIndex, j => [LabelSelectors.SelectorKey(j.Metadata.Namespace, j.Spec?.Selector?.MatchLabels)]);
        var controller = context.Add("jobs", new JobReconciler(context, context.Recorder("job-controller")), workers: 5);
        var orphans = context.Add("job-orphans", new OrphanPodReconciler(context), workers: 2);
        var lifetimes = context.Add("job-lifetimes", new JobLifetimeReconciler(context), workers: 2);
        jobs.OnChange((old, now) =>
        {
            var job = (now ?? old)!;
            EnqueueJob(controller, old, now);
            lifetimes.Enqueue(ObjectKey.Of(job));
            if (now is null || JobConditions.IsFinished(now))
            {
                // Whoever counted them is done; none may be held any longer.
                foreach (var pod in context.Pods.OwnedBy(job).Where(JobPods.IsTracked))
                {
                    orphans.Enqueue(ObjectKey.Of(pod));
                }
            }
        });
        context.Informer<Pod>().OnChange((old, now) =>
        {
            EnqueueOwner(controller, old);
            EnqueueOwner(controller, now);
            if (now is not null && JobPods.IsTracked(now) && OrphanPodReconciler.IsOrphan(now, jobs))
            {
                orphans.Enqueue(ObjectKey.Of(now));
            }

            if (now is { Metadata.DeletionTimestamp: null } && Owners.ControllerOf(now) is null)
            {
                EnqueueAdopters(controller, jobs, now);
            }
        });
    }

    private static void EnqueueJob(Controller controller, Job? old, Job? now)
    {
        var key = ObjectKey.Of((now ?? old)!);
        if (old is not null && now is not null && old.Metadata.Generation == now.Metadata.Generation)
        {
            controller.EnqueueAfter(key, Batch);
        }
        else
        {
            controller.Enqueue(key);
        }
    }

    private static void EnqueueOwner(Controller controller, Pod? pod)
    {
        if (pod is not null && Owners.ControllerOf(pod) is { } owner && Owners.IsKind<Job>(owner))
        {
            controller.EnqueueAfter(new ObjectKey(pod.Metadata.Namespace, owner.Name!), Batch);
        }
    }

    private static void EnqueueAdopters(Controller controller, Informer<Job> jobs, Pod orphan)
    {
        foreach (var job in LabelSelectors.LabelKeys(orphan.Metadata.Namespace, orphan.Metadata.Labels).SelectMany(k => jobs.ByIndex(SelectorIndex, k)))
        {
            if (LabelSelectors.Matches(job.Spec?.Selector, orphan.Metadata.Labels))
            {
                controller.EnqueueAfter(ObjectKey.Of(job), Batch);
            }
        }
    }
}
