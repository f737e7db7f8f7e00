using System.Collections.Concurrent;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Nodes;

/// <summary>
/// Removes pods that no node agent will ever remove: those of missing nodes, those that leave without having had a node or from one
/// that is said to be out of service, and ended ones beyond a limit.
/// </summary>
internal sealed class PodGarbageReconciler(ControllerContext context) : IReconciler
{
    /// <summary>The key for pods that have ended, whatever their node.</summary>
    public static readonly ObjectKey Ended = new(null, "");

    private const string OutOfService = "node.kubernetes.io/out-of-service";

    private static readonly RemovalReason NodeMissing = new("DeletionByPodGC", "PodGC: node no longer exists");

    private readonly KubeClient _client = context.Client;
    private readonly Informer<Node> _nodes = context.Informer<Node>();
    private readonly Informer<Pod> _pods = context.Informer<Pod>();
    private readonly PodRemoval _removal = new(context.Client, context.Time);
    private readonly ConcurrentDictionary<string, long> _missingSince = new(StringComparer.Ordinal);

    /// <summary>The key is a pod's that leaves, or a node's, which may be missing.</summary>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (key == Ended)
        {
            await EnsureFewEndedAsync(ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        if (key.Namespace is not null)
        {
            await EnsureNotStuckAsync(key, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        var pods = context.Pods.OnNode(key.Name);
        if (pods.Count == 0 || _nodes.Get(null, key.Name) is not null)
        {
            _missingSince.TryRemove(key.Name, out _);
            return ReconcileResult.Done;
        }

        var now = context.Time.GetTimestamp();
        var left = context.Options.MissingNodeQuarantine - context.Time.GetElapsedTime(_missingSince.GetOrAdd(key.Name, now), now);
        if (left > TimeSpan.Zero)
        {
            return ReconcileResult.After(left);
        }

        if (await _client.FindAsync<Node>(null, key.Name, ct).ConfigureAwait(false) is null)
        {
            foreach (var pod in pods)
            {
                await _removal.RemoveAsync(pod, NodeMissing, isGone: true, ct).ConfigureAwait(false);
            }
        }

        return ReconcileResult.Done;
    }

    /// <summary>Whether a pod leaves and there is nobody to see it off.</summary>
    public static bool IsStuck(Pod pod, Func<string, Node?> nodes) =>
        pod.Metadata.DeletionTimestamp is not null && (PodState.NodeName(pod) is not { } name || IsOutOfService(nodes(name)));

    /// <summary>Whether somebody has said that a silent node does not come back, as it is switched off.</summary>
    public static bool IsOutOfService(Node? node) =>
        node is not null && !NodeHealth.IsReady(node) && node.Spec?.Taints?.Exists(t => t.Key == OutOfService) == true;

    /// <summary>Of the pods that have ended those beyond the limit: first those that a node threw out, which have the least to tell, then the oldest.</summary>
    public static IEnumerable<Pod> Surplus(IEnumerable<Pod> pods, int kept)
    {
        var ended = pods.Where(PodState.IsTerminal).ToList();
        return ended.OrderByDescending(p => p.Status?.Reason == "Evicted").ThenBy(p => p.Metadata.CreationTimestamp).Take(ended.Count - kept);
    }

    private async Task EnsureNotStuckAsync(ObjectKey key, CancellationToken ct)
    {
        if (_pods.Get(key.Namespace, key.Name) is { } pod && IsStuck(pod, name => _nodes.Get(null, name)))
        {
            await _removal.RemoveAsync(pod, reason: null, isGone: true, ct).ConfigureAwait(false);
        }
    }

    private async Task EnsureFewEndedAsync(CancellationToken ct)
    {
        foreach (var pod in Surplus(_pods.List(), context.Options.EndedPodsKept))
        {
            await _removal.RemoveAsync(pod, reason: null, isGone: true, ct).ConfigureAwait(false);
        }
    }
}
