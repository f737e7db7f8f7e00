using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;

namespace Sealos.KubeControllers.Common;

/// <summary>Makes and deletes pods for owners of one kind, says so in events, and remembers what it wrote.</summary>
internal sealed class PodControl<TOwner>(KubeClient client, OwnWrites<Pod> writes, EventRecorder events)
    where TOwner : class, IKubeObject<TOwner>, new()
{
    /// <summary>Makes many pods in growing batches; how many were made, and the failure that stopped it. A namespace that is going away is none.</summary>
    public async Task<(int Made, Exception? Failure)> CreateAsync(ObjectKey key, TOwner owner, int count, Func<int, Pod> build, CancellationToken ct)
    {
        var made = 0;
        var error = await SlowStart.RunAsync(count, async i =>
        {
            var pod = writes.Note(key, await client.CreateAsync(build(i), ct).ConfigureAwait(false));
            Interlocked.Increment(ref made);
            events.Normal(owner, "SuccessfulCreate", $"Created pod: {pod.Metadata.Name}");
        }).ConfigureAwait(false);
        if (error is null || Refusals.IsNamespaceTerminating(error))
        {
            return (made, null);
        }

        events.Warning(owner, "FailedCreate", $"Error creating: {error.Message}");
        return (made, error);
    }

    /// <summary>Deletes pods all at once; returns a failure, if there was any. Those that are gone already are none.</summary>
    public async Task<Exception?> DeleteAsync(TOwner owner, IEnumerable<Pod> pods, CancellationToken ct)
    {
        var failures = await Task.WhenAll(pods.Select(pod => DeleteAsync(owner, pod, ct))).ConfigureAwait(false);
        return Array.Find(failures, f => f is not null);
    }

    /// <summary>Deletes a pod; returns why that failed. One that is gone already is no failure.</summary>
    public async Task<Exception?> DeleteAsync(TOwner owner, Pod pod, CancellationToken ct)
    {
        try
        {
            if (await writes.DeleteAsync(client, pod, null, ct).ConfigureAwait(false))
            {
                events.Normal(owner, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            }

            return null;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
        {
            events.Warning(owner, "FailedDelete", $"Error deleting: {e.Message}");
            return e;
        }
    }
}
