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
internal sealed class JobPodWriter(ControllerContext context, EventRecorder events)
{
    private static readonly MediaTypeHeaderValue StrategicMerge = new("application/strategic-merge-patch+json");

    private readonly KubeClient _client = context.Client;
    private readonly OwnWrites<Pod> _writes = new(context.Informer<Pod>(), context.Time);
    private readonly ReleasedPods _released = new(context.Informer<Pod>());

    public bool AreUnseen(ObjectKey key) => _writes.AreUnseen(key);

    public bool IsDeleted(Pod pod) => _writes.IsDeleted(pod);

    public bool IsReleased(Pod pod) => _released.Contains(pod);

    /// <summary>Makes pods in growing batches; how many there are now, and why not more.</summary>
    public async Task<(int Made, Exception? Failure)> CreateAsync(JobRound round, List<int?> indexes, CancellationToken ct)
    {
        var job = round.Job;
        var key = ObjectKey.Of(job);
        var made = 0;
        var error = await SlowStart.RunAsync(indexes.Count, async i =>
        {
            var pod = indexes[i] is { } index ? JobPods.Build(job, index, round.Kept.GetValueOrDefault(index)) : JobPods.Build(job);
            var created = _writes.Note(key, await _client.CreateAsync(pod, ct).ConfigureAwait(false));
            Interlocked.Increment(ref made);
            events.Normal(job, "SuccessfulCreate", $"Created pod: {created.Metadata.Name}");
        }).ConfigureAwait(false);
        if (error is null || Refusals.IsNamespaceTerminating(error))
        {
            return (made, null);
        }

        events.Warning(job, "FailedCreate", $"Error creating: {error.Message}");
        return (made, error);
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

        _writes.NoteDeletion(pod);
        try
        {
            await _client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name!, new DeleteOptions { Preconditions = new DeletePreconditions { Uid = pod.Metadata.Uid } }, ct).ConfigureAwait(false);
            events.Normal(job, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            return null;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or another pod of that name by now: either way this one is no more.
            return null;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            _writes.ForgetDeletion(pod);
            events.Warning(job, "FailedDelete", $"Error deleting: {e.Message}");
            return e;
        }
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
