using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Sealos.Node.Pressure;

namespace Sealos.Node.Admission;

/// <summary>
/// Whether a pod that has just come can run here. The scheduler has seen to that for its own, but a pod may name its node itself, come
/// from a file, or have been sent before something changed. Who is let in has its room from that moment on.
/// </summary>
internal sealed class NodeAdmission
{
    private const string Unexpected = "UnexpectedAdmissionError";

    /// <summary>What pods have been given of the node.</summary>
    public required NodeRoom Room { get; init; }

    /// <summary>What stands in the way of every pod: pressure, or a node that closes.</summary>
    public required Func<Pod, PodFailure?> IsClosedTo { get; init; }

    /// <summary>The pods that the API still has.</summary>
    public required Func<IReadOnlyList<Pod>> Pods { get; init; }

    /// <summary>Who has ended or gone as far as others know. A pod that is in neither list may be one that runs and was not looked at yet.</summary>
    public required Func<IReadOnlyList<string>> Ended { get; init; }

    /// <summary>The node as the API has it: what is known, or asked for anew where that would turn a pod away.</summary>
    public required Func<bool, CancellationToken, ValueTask<Kinds.Core.Node>> FindNode { get; init; }

    /// <summary>Waits for those whose place the pod takes; what they have would be refused to it.</summary>
    public required Func<Pod, CancellationToken, Task> WaitForFormer { get; init; }

    /// <summary>Ends a pod for another that the cloud cannot do without, and returns once nothing of it runs.</summary>
    public required Func<Pod, PodFailure, CancellationToken, Task> Evict { get; init; }

    /// <summary>Why the pod cannot run here; null when it can, and has its room.</summary>
    public async Task<PodFailure?> AdmitAsync(Pod pod, CancellationToken ct)
    {
        if (IsClosedTo(pod) is { } closed)
        {
            return closed;
        }

        await WaitForFormer(pod, ct).ConfigureAwait(false);
        var node = await FindNode(false, ct).ConfigureAwait(false);
        var wanted = PodRoom.Of(pod);
        if (NodeMatch.FindAffinity(pod, node) is not null || NodeMatch.FindTaint(pod, node) is not null || wanted != wanted.On(node))
        {
            node = await FindNode(true, ct).ConfigureAwait(false);
        }

        if (NodeMatch.FindWrongSystem(pod, node) is { } wrong)
        {
            return wrong;
        }

        wanted = wanted.On(node);
        var shortages = TryGive(pod, wanted);
        if (shortages.Any(s => s.Resource.Contains('/')))
        {
            // Others say how much of it there is, and may have just said more.
            await FindNode(true, ct).ConfigureAwait(false);
            shortages = TryGive(pod, wanted);
        }

        var other = NodeMatch.FindAffinity(pod, node) ?? PortConflicts.Find(pod, Pods) ?? NodeMatch.FindTaint(pod, node);
        if (other is null && shortages.Count == 0)
        {
            return null;
        }

        var isCritical = EvictionOrder.IsCritical(pod);
        if (other is null && isCritical)
        {
            return await MakeRoomAsync(pod, wanted, ct).ConfigureAwait(false);
        }

        // Of several reasons the first that Kubernetes would name is told.
        Room.Release(pod.Uid);
        return shortages.Count > 0 && !isCritical ? Describe(shortages[0]) : other;
    }

    // Pods that have ended as far as others know count no more, although their workers may not have come to say so.
    private IReadOnlyList<Shortage> TryGive(Pod pod, PodRoom wanted)
    {
        var shortages = Room.TryAdmit(pod.Uid, wanted);
        if (shortages.Count == 0)
        {
            return shortages;
        }

        foreach (var uid in Ended())
        {
            Room.Release(uid);
        }

        return Room.TryAdmit(pod.Uid, wanted);
    }

    // The room is the pod's before others have left it, so that nobody else takes it, or ends the same pods for himself.
    private async Task<PodFailure?> MakeRoomAsync(Pod pod, PodRoom wanted, CancellationToken ct)
    {
        var shortages = Room.Claim(pod.Uid, wanted);
        if (!Preemption.TryChoose(pod, [.. Pods().Where(p => p.Uid != pod.Uid && !p.IsFinished)], shortages, out var victims, out var missing))
        {
            Room.Release(pod.Uid);
            return new PodFailure(Unexpected, $"Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: {missing}");
        }

        foreach (var victim in victims)
        {
            await Evict(victim, Preemption.Failure, ct).ConfigureAwait(false);
        }

        return null;
    }

    private static PodFailure Describe(Shortage shortage) =>
        new("OutOf" + shortage.Resource, $"Node didn't have enough resource: {shortage.Resource}, requested: {shortage.Requested}, used: {shortage.Used}, capacity: {shortage.Capacity}");
}
