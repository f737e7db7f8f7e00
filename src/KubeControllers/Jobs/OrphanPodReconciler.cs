using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Lets go of pods that no job counts any more: theirs is gone, has finished, or no longer owns them.</summary>
internal sealed class OrphanPodReconciler(ControllerContext context) : IReconciler
{
    private readonly KubeClient _client = context.Client;
    private readonly Informer<Pod> _pods = context.Informer<Pod>();
    private readonly Informer<Job> _jobs = context.Informer<Job>();

    /// <summary>Whether nobody will count a pod.</summary>
    public static bool IsOrphan(Pod pod, Informer<Job> jobs)
    {
        if (Owners.ControllerOf(pod) is not { } owner)
        {
            return true;
        }

        if (!Owners.IsKind<Job>(owner))
        {
            return false;
        }

        var job = jobs.Get(pod.Metadata.Namespace, owner.Name!);
        return job is null || job.Metadata.Uid != owner.Uid || (JobConditions.IsFinished(job) && !JobReconciler.IsManagedElsewhere(job));
    }

    /// <summary>The key is a pod's.</summary>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_pods.Get(key.Namespace, key.Name) is not { } pod || !JobPods.IsTracked(pod) || !IsOrphan(pod, _jobs))
        {
            return ReconcileResult.Done;
        }

        // The cache of jobs may be behind that of pods.
        if (Owners.ControllerOf(pod) is { } owner
            && await _client.FindAsync<Job>(pod.Metadata.Namespace, owner.Name!, ct).ConfigureAwait(false) is { } job
            && job.Metadata.Uid == owner.Uid && !JobConditions.IsFinished(job))
        {
            return ReconcileResult.Done;
        }

        await JobPodWriter.RemoveFinalizerAsync(_client, pod, ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }
}
