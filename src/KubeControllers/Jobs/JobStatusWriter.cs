using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Batch;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Writes jobs' statuses, each on top of the one that was read: a status that others changed is decided anew.</summary>
internal sealed class JobStatusWriter(ControllerContext context)
{
    private readonly KubeClient _client = context.Client;
    private readonly OwnWrites<Job> _writes = new(context.Informer<Job>(), context.Time);

    public bool AreUnseen(ObjectKey key) => _writes.AreUnseen(key);

    /// <summary>The job as it is now.</summary>
    public async Task<Job> WriteAsync(ObjectKey key, Job job, JobStatus status, CancellationToken ct) =>
        _writes.Note(key, await _client.UpdateStatusAsync(new Job { Metadata = job.Metadata, Spec = job.Spec, Status = status }, ct).ConfigureAwait(false));
}
