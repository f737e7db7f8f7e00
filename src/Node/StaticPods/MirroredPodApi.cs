using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.StaticPods;

/// <summary>The API as the workers of static pods see it: their status goes to a mirror, which is made when it is missing.</summary>
internal sealed class MirroredPodApi(IPodApi api, IMirrors mirrors) : IPodApi
{
    /// <summary>The file of a pod has gone, and so has everything of the pod.</summary>
    public event Action<Pod>? Ended;

    public async Task<Pod?> FindPodAsync(string ns, string name, CancellationToken ct) =>
        await mirrors.FindAsync(ns, name, ct).ConfigureAwait(false);

    public async Task<Pod> UpdateStatusAsync(Pod pod, CancellationToken ct)
    {
        var mirror = await EnsureAsync(pod, ct).ConfigureAwait(false);
        var updated = await mirrors.UpdateStatusAsync(new Pod { Metadata = mirror.Metadata, Spec = mirror.Spec, Status = pod.Status }, ct).ConfigureAwait(false);

        // To its worker the pod is still the one of the file.
        var metadata = KubeJson.Clone(new Pod { Metadata = pod.Metadata }).Metadata;
        metadata.ResourceVersion = updated.Metadata.ResourceVersion;
        return new Pod { Metadata = metadata, Spec = pod.Spec, Status = updated.Status };
    }

    public async Task DeleteAsync(Pod pod, CancellationToken ct)
    {
        if (await mirrors.FindAsync(pod.Namespace, pod.Name, ct).ConfigureAwait(false) is { IsMirror: true } mirror)
        {
            await mirrors.DeleteAsync(mirror, ct).ConfigureAwait(false);
        }

        Ended?.Invoke(pod);
    }

    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => Task.FromResult<ConfigMap?>(null);

    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => Task.FromResult<Secret?>(null);

    public IEnumerable<Service> ServicesFor(string ns) => api.ServicesFor(ns);

    public void Normal(Pod pod, string reason, string message, string? container = null) => api.Normal(pod, reason, message, container);

    public void Warning(Pod pod, string reason, string message, string? container = null) => api.Warning(pod, reason, message, container);

    /// <summary>The pod's mirror, made when it is missing or another pod's.</summary>
    public async Task<Pod> EnsureAsync(Pod pod, CancellationToken ct)
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

    /// <summary>Whether a mirror shows this very pod and may stay.</summary>
    public static bool IsOf(Pod mirror, Pod pod) => !mirror.IsDeleting && mirror.Metadata.Annotations?.GetValueOrDefault(Keys.ConfigMirror) == pod.Uid;

    private static Pod Mirror(Pod pod)
    {
        var mirror = KubeJson.Clone(new Pod { Metadata = pod.Metadata, Spec = pod.Spec });
        (mirror.Metadata.Uid, mirror.Metadata.ResourceVersion) = (null, null);
        mirror.Metadata.Annotations![Keys.ConfigMirror] = pod.Uid;
        return mirror;
    }
}
