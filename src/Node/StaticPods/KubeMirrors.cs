using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.StaticPods;

/// <summary>Mirrors of static pods in the Kubernetes API.</summary>
internal sealed class KubeMirrors(KubeClient client, Informer<Pod> pods, IPodApi api) : IMirrors
{
    public IReadOnlyList<Pod> List() => [.. pods.List().Where(p => p.IsMirror)];

    public Task<Pod?> FindAsync(string ns, string name, CancellationToken ct) => api.FindPodAsync(ns, name, ct);

    public Task<Pod> CreateAsync(Pod mirror, CancellationToken ct) => client.CreateAsync(mirror, ct);

    public Task<Pod> UpdateStatusAsync(Pod mirror, CancellationToken ct) => api.UpdateStatusAsync(mirror, ct);

    public Task DeleteAsync(Pod mirror, CancellationToken ct) => api.DeleteAsync(mirror, ct);
}
