using System.Collections.Concurrent;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Nodes;

/// <summary>Removes pods that no node agent will ever remove: those of missing nodes, and ended ones beyond a limit.</summary>
internal sealed class PodGarbageReconciler(ControllerContext context) : IReconciler
{
    /// <summary>The key for pods that have ended, whatever their node.</summary>
    public static readonly ObjectKey Ended = new(null, "");

    private static readonly RemovalReason NodeMissing = new("DeletionByPodGC", "PodGC: node no longer exists");

    private readonly KubeClient _client = context.Client;
    private readonly Informer<Node> _nodes = context.Informer<Node>();
    private readonly Informer<Pod> _pods = context.Informer<Pod>();
    private readonly PodRemoval _removal = new(context.Client, context.Time);
    private readonly ConcurrentDictionary<string, long> _missingSince = new(StringComparer.Ordinal);

    /// <summary>The key is a node's, which may be missing.</summary>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (key == Ended)
        {
            await EnsureFewEndedAsync(ct).ConfigureAwait(false);
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

    private async Task EnsureFewEndedAsync(CancellationToken ct)
    {
        var ended = _pods.List().Where(PodState.IsTerminal).ToList();

        // Those that a node threw out have the least to tell.
        foreach (var pod in ended.OrderByDescending(p => p.Status?.Reason == "Evicted").ThenBy(p => p.Metadata.CreationTimestamp).Take(ended.Count - context.Options.EndedPodsKept))
        {
            await _removal.RemoveAsync(pod, NodeMissing, isGone: true, ct).ConfigureAwait(false);
        }
    }
}
