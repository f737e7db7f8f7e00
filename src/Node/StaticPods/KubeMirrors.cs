using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.StaticPods;

/// <summary>Mirrors of static pods in the Kubernetes API.</summary>
internal sealed class KubeMirrors(KubeClient client, Informer<Pod> pods, IPodApi api) : IMirrors
{
    public IReadOnlyList<Pod> List() => [.. pods.List().Where(p => p.IsMirror)];

    public Task<Pod?> FindAsync(string ns, string name, CancellationToken ct) => api.FindPodAsync(ns, name, ct);

    /// <summary>Makes a mirror that belongs to its node, as the API demands of nodes; it goes when the node is removed.</summary>
    public async Task<Pod> CreateAsync(Pod mirror, CancellationToken ct)
    {
        var node = await client.GetAsync<Kinds.Core.Node>(null, mirror.Spec!.NodeName!, ct).ConfigureAwait(false);
        mirror.Metadata.OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "Node", Name = node.Metadata.Name!, Uid = node.Metadata.Uid!, Controller = true }];
        return await client.CreateAsync(mirror, ct).ConfigureAwait(false);
    }

    public Task<Pod> UpdateStatusAsync(Pod mirror, CancellationToken ct) => api.UpdateStatusAsync(mirror, ct);

    public Task DeleteAsync(Pod mirror, CancellationToken ct) => api.DeleteAsync(mirror, ct);
}
