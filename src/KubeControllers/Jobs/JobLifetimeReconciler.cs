using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Batch;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Deletes finished jobs, and their pods with them, when the time they asked to be kept for is over.</summary>
internal sealed class JobLifetimeReconciler(ControllerContext context) : IReconciler
{
    private readonly KubeClient _client = context.Client;
    private readonly Informer<Job> _jobs = context.Informer<Job>();
    private readonly TimeProvider _time = context.Time;

    /// <summary>How long a job is to be kept from now on; null when it is not to be deleted.</summary>
    public static TimeSpan? Remaining(Job job, DateTimeOffset now) =>
        job.Metadata.DeletionTimestamp is null && job.Spec?.TtlSecondsAfterFinished is { } seconds && JobConditions.End(job)?.LastTransitionTime is { } end
            ? end.AddSeconds(seconds) - now
            : null;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_jobs.Get(key.Namespace, key.Name) is not { } cached || Remaining(cached, _time.GetUtcNow()) is not { } left)
        {
            return ReconcileResult.Done;
        }

        if (left > TimeSpan.Zero)
        {
            return ReconcileResult.After(left);
        }

        // The cache may be behind somebody who asked for more time.
        var job = await _client.FindAsync<Job>(key.Namespace, key.Name, ct).ConfigureAwait(false);
        if (job is null || Remaining(job, _time.GetUtcNow()) is not { } really)
        {
            return ReconcileResult.Done;
        }

        if (really > TimeSpan.Zero)
        {
            return ReconcileResult.After(really);
        }

        try
        {
            var options = new DeleteOptions { PropagationPolicy = "Foreground", Preconditions = new DeletePreconditions { Uid = job.Metadata.Uid, ResourceVersion = job.Metadata.ResourceVersion } };
            await _client.DeleteAsync<Job>(key.Namespace, key.Name, options, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Deleted meanwhile, which is what was wanted.
        }

        return ReconcileResult.Done;
    }
}
