using System.Globalization;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Jobs;

namespace Sealos.KubeControllers_Tests.Jobs;

/// <summary>Jobs and pods in whatever state, for what is decided without a server.</summary>
internal static class Rounds
{
    public static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static Job Job(Action<JobSpec>? change = null, JobStatus? status = null)
    {
        var job = Workload.Job("ns");
        job.Metadata.Uid = "job";
        job.Spec!.BackoffLimit = 6;
        job.Status = status;
        change?.Invoke(job.Spec);
        return job;
    }

    public static JobRound Round(Job job, params Pod[] pods) => new(job, [.. pods], _ => false, Now);

    /// <summary>A pod as <c>name:phase</c>, with <c>:index</c> and <c>:deleted</c> where they are given.</summary>
    public static Pod Pod(string text, int exitCode = 1, int failuresBefore = 0)
    {
        var parts = text.Split(':');
        var index = parts.Skip(2).FirstOrDefault(p => int.TryParse(p, CultureInfo.InvariantCulture, out _));
        return new Pod
        {
            Metadata = new ObjectMeta
            {
                Name = parts[0],
                Namespace = "ns",
                Uid = parts[0],
                CreationTimestamp = Now.AddMinutes(-1),
                Finalizers = parts.Contains("released") ? null : [JobNames.Finalizer],
                DeletionTimestamp = parts.Contains("deleted") ? Now : null,
                Annotations = index is null ? null : new() { [JobNames.Index] = index, [JobNames.IndexFailures] = failuresBefore.ToString(CultureInfo.InvariantCulture) },
            },
            Spec = new PodSpec(),
            Status = new PodStatus
            {
                Phase = parts[1],
                ContainerStatuses = parts[1] is "Succeeded" or "Failed" ? [Workload.Ended("main", parts[1] == "Failed" ? exitCode : 0, Now)] : null,
            },
        };
    }
}
