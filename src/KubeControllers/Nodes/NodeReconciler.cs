using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Coordination;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Nodes;

/// <summary>Watches over a node: its pod range, whether it is heard of, and the taints that follow.</summary>
internal sealed class NodeReconciler(ControllerContext context, EventRecorder events) : IReconciler
{
    public const string LeaseNamespace = "kube-node-lease";

    private readonly KubeClient _client = context.Client;
    private readonly Informer<Node> _nodes = context.Informer<Node>();
    private readonly Informer<Lease> _leases = context.Informer<Lease>($"metadata.namespace={LeaseNamespace}");
    private readonly OwnWrites<Node> _writes = new(context.Informer<Node>(), context.Time);
    private readonly PodRanges _ranges = new(context.Options.PodRange, context.Options.NodeRangePrefix);
    private readonly ConcurrentDictionary<string, Heartbeat> _heartbeats = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _allocating = new(1);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var node = _nodes.Get(null, key.Name);
        if (node is null)
        {
            _heartbeats.TryRemove(key.Name, out _);
            return ReconcileResult.Done;
        }

        if (_writes.AreUnseen(key))
        {
            return ReconcileResult.After(OwnWrites<Node>.Lag);
        }

        node = await EnsureRangeAsync(key, node, ct).ConfigureAwait(false);
        var left = context.Options.NodeGracePeriod - Silence(node);
        if (left <= TimeSpan.Zero)
        {
            node = await EnsureSilencedAsync(key, node, ct).ConfigureAwait(false);
            await EnsurePodsNotReadyAsync(node, ct).ConfigureAwait(false);
        }

        await EnsureTaintsAsync(key, node, ct).ConfigureAwait(false);
        return left > TimeSpan.Zero ? ReconcileResult.After(left) : ReconcileResult.Done;
    }

    // The node's clock is not trusted: what counts is when a change was seen here. A restart of ours starts it anew.
    private TimeSpan Silence(Node node)
    {
        var beat = (_leases.Get(LeaseNamespace, node.Metadata.Name!)?.Spec?.RenewTime, NodeHealth.Condition(node, "Ready") is { Status: not "Unknown" } ready ? ready.LastHeartbeatTime : null);
        var now = context.Time.GetTimestamp();
        var known = _heartbeats.AddOrUpdate(node.Metadata.Name!, new Heartbeat(beat, now), (_, old) => old.Beat == beat || IsSilencing(old.Beat, beat) ? old : new Heartbeat(beat, now));
        return context.Time.GetElapsedTime(known.SeenAt, now);
    }

    // Our own write of Unknown is no sign of life.
    private static bool IsSilencing((DateTimeOffset? Lease, DateTimeOffset? Status) old, (DateTimeOffset? Lease, DateTimeOffset? Status) now) =>
        old.Lease == now.Lease && now.Status is null;

    private async Task<Node> EnsureRangeAsync(ObjectKey key, Node node, CancellationToken ct)
    {
        if (node.Spec?.PodCIDR is { Length: > 0 })
        {
            return node;
        }

        await _allocating.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // The server is asked, as a range just given away may not be in the cache yet.
            var all = await _client.ListAsync<Node>(null, null, ct).ConfigureAwait(false);
            if (_ranges.Next(all.Items.Select(n => n.Spec?.PodCIDR).OfType<string>().Where(r => r.Length > 0)) is not { } range)
            {
                events.Warning(node, "CIDRNotAvailable", $"Node {key.Name} status is now: CIDRNotAvailable");
                return node;
            }

            return await PatchAsync(key, node, new JsonObject { ["podCIDR"] = range, ["podCIDRs"] = new JsonArray(range) }, ct).ConfigureAwait(false);
        }
        finally
        {
            _allocating.Release();
        }
    }

    private async Task<Node> EnsureSilencedAsync(ObjectKey key, Node node, CancellationToken ct)
    {
        var conditions = NodeHealth.Silenced(node, context.Time.GetUtcNow());
        if (JsonSame.As(conditions, node.Status?.Conditions))
        {
            return node;
        }

        var status = node.Status is null ? new NodeStatus() : KubeJson.Clone(node.Status);
        status.Conditions = conditions;
        var written = await _client.UpdateStatusAsync(new Node { Metadata = node.Metadata, Spec = node.Spec, Status = status }, ct).ConfigureAwait(false);
        events.Normal(written, "NodeNotReady", $"Node {key.Name} status is now: NodeNotReady");
        return _writes.Note(key, written);
    }

    private async Task EnsurePodsNotReadyAsync(Node node, CancellationToken ct)
    {
        foreach (var pod in context.Pods.OnNode(node.Metadata.Name!).Where(p => PodState.IsReady(p) && !PodState.IsTerminal(p)))
        {
            var status = KubeJson.Clone(pod.Status!);
            var ready = status.Conditions!.Find(c => c.Type == "Ready")!;
            ready.Status = "False";
            ready.LastTransitionTime = context.Time.GetUtcNow();
            try
            {
                await _client.UpdateStatusAsync(new Pod { Metadata = pod.Metadata, Spec = pod.Spec, Status = status }, ct).ConfigureAwait(false);
                events.Warning(pod, "NodeNotReady", "Node is not ready");
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // A pod that is gone is not ready either.
            }
        }
    }

    private async Task EnsureTaintsAsync(ObjectKey key, Node node, CancellationToken ct)
    {
        var mayEvict = _nodes.List().Any(n => n.Metadata.Name != key.Name && NodeHealth.IsReady(n));
        if (NodeTaints.Wanted(node, mayEvict, context.Time.GetUtcNow()) is { } taints)
        {
            await PatchAsync(key, node, new JsonObject { ["taints"] = JsonSerializer.SerializeToNode(taints, KubeJson.Options) }, ct).ConfigureAwait(false);
        }
    }

    private async Task<Node> PatchAsync(ObjectKey key, Node node, JsonObject spec, CancellationToken ct)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion }, ["spec"] = spec };
        return _writes.Note(key, await _client.PatchAsync<Node>(null, key.Name, patch, null, ct).ConfigureAwait(false));
    }

    private sealed record Heartbeat((DateTimeOffset? Lease, DateTimeOffset? Status) Beat, long SeenAt);
}
