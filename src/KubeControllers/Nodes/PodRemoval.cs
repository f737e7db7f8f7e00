using Sealos.ControllerKit.Client;
using Sealos.Kinds;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Nodes;

/// <summary>Why a pod is removed against its will, as its condition tells.</summary>
internal sealed record RemovalReason(string Reason, string Message);

/// <summary>Deletes pods that nobody asked to delete, and leaves word of it in their status.</summary>
internal sealed class PodRemoval(KubeClient client, TimeProvider time)
{
    /// <summary>Marks and deletes; with <paramref name="isGone"/> nothing runs any more and the object goes at once. A pod that was leaving anyway needs no reason.</summary>
    public async Task RemoveAsync(Pod pod, RemovalReason? reason, bool isGone, CancellationToken ct)
    {
        try
        {
            // Its node writes at the same time; a pod is not spared for that.
            for (var current = pod; !await TryMarkAsync(current, reason, isGone, ct).ConfigureAwait(false);)
            {
                current = await client.GetAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name!, ct).ConfigureAwait(false);
                if (current.Metadata.Uid != pod.Metadata.Uid)
                {
                    return;
                }
            }

            var options = new DeleteOptions { GracePeriodSeconds = isGone ? 0 : null, Preconditions = new DeletePreconditions { Uid = pod.Metadata.Uid } };
            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name!, options, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already, which is what was wanted.
        }
    }

    // False when the pod has changed since it was read.
    private async Task<bool> TryMarkAsync(Pod pod, RemovalReason? reason, bool isGone, CancellationToken ct)
    {
        var isTold = reason is null ? !isGone : PodState.Condition(pod, "DisruptionTarget") is { Status: "True" } known && known.Reason == reason.Reason;
        if (PodState.IsTerminal(pod) || isTold)
        {
            return true;
        }

        var status = pod.Status is null ? new PodStatus() : KubeJson.Clone(pod.Status);
        status.Phase = isGone ? "Failed" : status.Phase;
        if (reason is not null)
        {
            status.Conditions = [.. (status.Conditions ?? []).Where(c => c.Type != "DisruptionTarget")];
            status.Conditions.Add(new PodCondition { Type = "DisruptionTarget", Status = "True", Reason = reason.Reason, Message = reason.Message, LastTransitionTime = time.GetUtcNow() });
        }

        try
        {
            await client.UpdateStatusAsync(new Pod { Metadata = pod.Metadata, Spec = pod.Spec, Status = status }, ct).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            return false;
        }
    }
}
