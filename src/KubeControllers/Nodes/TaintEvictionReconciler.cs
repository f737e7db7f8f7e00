using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Placing;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Nodes;

/// <summary>Drives pods from nodes whose <c>NoExecute</c> taints they do not tolerate, or no longer.</summary>
internal sealed class TaintEvictionReconciler(ControllerContext context, EventRecorder events) : IReconciler
{
    private static readonly RemovalReason Reason = new("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint");

    private readonly Informer<Pod> _pods = context.Informer<Pod>();
    private readonly Informer<Node> _nodes = context.Informer<Node>();
    private readonly PodRemoval _removal = new(context.Client, context.Time);

    /// <summary>The key is the pod's.</summary>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var pod = _pods.Get(key.Namespace, key.Name);
        if (pod is not { Metadata.DeletionTimestamp: null } || PodState.NodeName(pod) is not { } name || _nodes.Get(null, name) is not { } node)
        {
            return ReconcileResult.Done;
        }

        var now = context.Time.GetUtcNow();
        var time = Tolerations.EvictionTime(pod, node.Spec?.Taints, now);
        if (time > now)
        {
            return ReconcileResult.After(time.Value - now);
        }

        if (time is not null)
        {
            events.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {key}");
            await _removal.RemoveAsync(pod, Reason, isGone: false, ct).ConfigureAwait(false);
        }

        return ReconcileResult.Done;
    }
}
