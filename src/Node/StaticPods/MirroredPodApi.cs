using System.Collections.Concurrent;
using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.StaticPods;

/// <summary>The API as the workers of static pods see it: their status goes to a mirror, which is made when it is missing.</summary>
internal sealed class MirroredPodApi(IPodApi api, IMirrors mirrors, TimeProvider time) : IPodApi, IDisposable
{
    private const int MaxConflicts = 20;

    private static readonly TimeSpan ConflictDelay = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<(string Namespace, string Name), string> _owners = [];
    // One a name, of which there are no more than files on this machine.
    private readonly ConcurrentDictionary<(string Namespace, string Name), SemaphoreSlim> _turns = [];

    /// <summary>The file of a pod has gone, and so has everything of the pod.</summary>
    public event Action<Pod>? Ended;

    public async Task<Pod?> FindPodAsync(string ns, string name, CancellationToken ct) =>
        await mirrors.FindAsync(ns, name, ct).ConfigureAwait(false);

    /// <summary>From now on the mirror of this name is this pod's; whoever had it before writes to it no more.</summary>
    public void Own(Pod pod) => _owners[(pod.Namespace, pod.Name)] = pod.Uid;

    public Task<Pod> UpdateStatusAsync(Pod pod, CancellationToken ct) => ShowAsync(() => pod, ct);

    /// <summary>Writes a pod's status to its mirror. What is newest is asked for when it is this write's turn, so that an older one is never the last.</summary>
    /// <exception cref="ApiException">The API refuses it, or the mirror is another pod's.</exception>
    public async Task<Pod> ShowAsync(Func<Pod> newest, CancellationToken ct)
    {
        var turn = TurnOf(newest());
        await turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var pod = newest();
            var updated = await WriteAsync(pod, ct).ConfigureAwait(false);

            // To its worker the pod is still the one of the file.
            var metadata = KubeJson.Clone(new Pod { Metadata = pod.Metadata }).Metadata;
            metadata.ResourceVersion = updated.Metadata.ResourceVersion;
            return new Pod { Metadata = metadata, Spec = pod.Spec, Status = updated.Status };
        }
        finally
        {
            turn.Release();
        }
    }

    public async Task DeleteAsync(Pod pod, CancellationToken ct)
    {
        var turn = TurnOf(pod);
        await turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (await mirrors.FindAsync(pod.Namespace, pod.Name, ct).ConfigureAwait(false) is { } mirror && Shows(mirror, pod))
            {
                await mirrors.DeleteAsync(mirror, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            turn.Release();
        }

        _owners.TryRemove(KeyValuePair.Create((pod.Namespace, pod.Name), pod.Uid));
        Ended?.Invoke(pod);
    }

    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => Task.FromResult<ConfigMap?>(null);

    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => Task.FromResult<Secret?>(null);

    public void Dispose()
    {
        foreach (var turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    public IEnumerable<Service> ServicesFor(string ns) => api.ServicesFor(ns);

    public void Normal(Pod pod, string reason, string message, string? container = null) => api.Normal(pod, reason, message, container);

    public void Warning(Pod pod, string reason, string message, string? container = null) => api.Warning(pod, reason, message, container);

    /// <summary>Whether a mirror shows this very pod and may stay.</summary>
    public static bool IsOf(Pod mirror, Pod pod) => !mirror.IsDeleting && Shows(mirror, pod);

    private static bool Shows(Pod mirror, Pod pod) => mirror.Metadata.Annotations?.GetValueOrDefault(Keys.ConfigMirror) == pod.Uid;

    private SemaphoreSlim TurnOf(Pod pod) => _turns.GetOrAdd((pod.Namespace, pod.Name), _ => new SemaphoreSlim(1));

    private async Task<Pod> WriteAsync(Pod pod, CancellationToken ct)
    {
        for (var conflicts = 1; ; conflicts++)
        {
            if (_owners.TryGetValue((pod.Namespace, pod.Name), out var owner) && owner != pod.Uid)
            {
                throw new ApiException(404, "NotFound", "the mirror is another pod's by now");
            }

            try
            {
                var mirror = await EnsureAsync(pod, ct).ConfigureAwait(false);
                return await mirrors.UpdateStatusAsync(new Pod { Metadata = mirror.Metadata, Spec = mirror.Spec, Status = pod.Status }, ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Somebody else writes to mirrors too; how the pod is, only its node knows.
                if (conflicts == MaxConflicts)
                {
                    // No conflict to the worker: what it would ask for then is the mirror, which is not its pod.
                    throw new ApiException(503, "ServiceUnavailable", "the mirror is written to all the time");
                }

                await Task.Delay(ConflictDelay, time, ct).ConfigureAwait(false);
            }
        }
    }

    // The pod's mirror, made when it is missing or another pod's.
    private async Task<Pod> EnsureAsync(Pod pod, CancellationToken ct)
    {
        if (await mirrors.FindAsync(pod.Namespace, pod.Name, ct).ConfigureAwait(false) is { } found)
        {
            if (IsOf(found, pod))
            {
                return found;
            }

            await mirrors.DeleteAsync(found, ct).ConfigureAwait(false);
        }

        return await mirrors.CreateAsync(Mirror(pod), ct).ConfigureAwait(false);
    }

    private static Pod Mirror(Pod pod)
    {
        var mirror = KubeJson.Clone(new Pod { Metadata = pod.Metadata, Spec = pod.Spec });
        (mirror.Metadata.Uid, mirror.Metadata.ResourceVersion) = (null, null);
        mirror.Metadata.Annotations![Keys.ConfigMirror] = pod.Uid;
        return mirror;
    }
}
