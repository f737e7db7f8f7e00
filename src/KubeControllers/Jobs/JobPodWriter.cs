using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Batch;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>Makes, deletes and lets go of the pods of jobs, and keeps in mind what the cache has not seen of that.</summary>
internal sealed class JobPodWriter
{
    private static readonly MediaTypeHeaderValue StrategicMerge = new("application/strategic-merge-patch+json");

    private readonly KubeClient _client;
    private readonly OwnWrites<Pod> _writes;
    private readonly PodControl<Job> _control;
    private readonly ReleasedPods _released;

    public JobPodWriter(ControllerContext context, EventRecorder events)
    {
        _client = context.Client;
        _writes = new OwnWrites<Pod>(context.Informer<Pod>(), context.Time);
        _control = new PodControl<Job>(_client, _writes, events);
        _released = new ReleasedPods(context.Informer<Pod>());
    }

    public bool AreUnseen(ObjectKey key) => _writes.AreUnseen(key);

    public bool IsDeleted(Pod pod) => _writes.IsDeleted(pod);

    public bool IsReleased(Pod pod) => _released.Contains(pod);

    /// <summary>Makes pods in growing batches; how many there are now, and why not more.</summary>
    public Task<(int Made, Exception? Failure)> CreateAsync(JobRound round, List<int?> indexes, CancellationToken ct)
    {
        var job = round.Job;
        return _control.CreateAsync(
            ObjectKey.Of(job),
            job,
            indexes.Count,
            i => indexes[i] is { } index ? JobPods.Build(job, index, round.Kept.GetValueOrDefault(index)) : JobPods.Build(job),
            ct);
    }

    /// <summary>Deletes pods; with <paramref name="isCounted"/> they keep their finalizer until they were counted.</summary>
    public async Task<(List<Pod> Deleted, Exception? Failure)> DeleteAsync(Job job, List<Pod> pods, bool isCounted, CancellationToken ct)
    {
        var failures = await Task.WhenAll(pods.Select(pod => DeleteOneAsync(job, pod, isCounted, ct))).ConfigureAwait(false);
        return ([.. pods.Where((_, i) => failures[i] is null)], Array.Find(failures, f => f is not null));
    }

    /// <summary>Takes the finalizer off pods that were counted; those that still have theirs, and why.</summary>
    public async Task<(List<Pod> Left, Exception? Failure)> ReleaseAsync(List<Pod> pods, CancellationToken ct)
    {
        var failures = await Task.WhenAll(pods.Select(pod => ReleaseOneAsync(pod, ct))).ConfigureAwait(false);
        return ([.. pods.Where((_, i) => failures[i] is not null)], Array.Find(failures, f => f is not null));
    }

    private async Task<Exception?> DeleteOneAsync(Job job, Pod pod, bool isCounted, CancellationToken ct)
    {
        if (!isCounted && JobPods.IsTracked(pod) && !_released.Contains(pod) && await ReleaseOneAsync(pod, ct).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        return await _control.DeleteAsync(job, pod, ct).ConfigureAwait(false);
    }

    private async Task<Exception?> ReleaseOneAsync(Pod pod, CancellationToken ct)
    {
        _released.Note(pod);
        try
        {
            await RemoveFinalizerAsync(_client, pod, ct).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            _released.Forget(pod);
            return e;
        }
    }

    /// <summary>Takes the finalizer off a pod, whatever its version, unless that is gone.</summary>
    public static async Task RemoveFinalizerAsync(KubeClient client, Pod pod, CancellationToken ct)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["$deleteFromPrimitiveList/finalizers"] = new JsonArray(JobNames.Finalizer) } };
        using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(patch, KubeJson.Options));
        body.Headers.ContentType = StrategicMerge;
        try
        {
            await client.SendAsync<JsonNode>(HttpMethod.Patch, Pod.KubeKind.Path(pod.Metadata.Namespace, pod.Metadata.Name), body, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || (e.IsConflict && e.Message.Contains("Precondition failed: UID", StringComparison.Ordinal)))
        {
            // Gone, and its finalizer with it.
        }
    }
}
