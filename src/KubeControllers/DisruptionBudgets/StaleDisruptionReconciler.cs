using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.DisruptionBudgets;

/// <summary>Takes back the word that a pod is to be disrupted, when nobody has deleted it after all.</summary>
internal sealed class StaleDisruptionReconciler(ControllerContext context) : IReconciler
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly Informer<Pod> _pods = context.Informer<Pod>();

    /// <summary>Whether a pod is said to be going but is not. The node agent's own word is never stale: it does as it says.</summary>
    public static bool IsInQuestion(Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && !PodState.IsTerminal(pod)
        && PodState.Condition(pod, "DisruptionTarget") is { Status: "True", Reason: not "TerminationByKubelet" };

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_pods.Get(key.Namespace, key.Name) is not { } pod || !IsInQuestion(pod))
        {
            return ReconcileResult.Done;
        }

        var now = context.Time.GetUtcNow();
        var left = (PodState.Condition(pod, "DisruptionTarget")!.LastTransitionTime ?? now) + Timeout - now;
        if (left > TimeSpan.Zero)
        {
            return ReconcileResult.After(left);
        }

        var status = KubeJson.Clone(pod.Status!);
        status.Conditions = [.. status.Conditions!.Where(c => c.Type != "DisruptionTarget"), new PodCondition { Type = "DisruptionTarget", Status = "False", LastTransitionTime = now }];
        try
        {
            await context.Client.UpdateStatusAsync(new Pod { Metadata = pod.Metadata, Spec = pod.Spec, Status = status }, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone after all.
        }

        return ReconcileResult.Done;
    }
}
