using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>A pod's status as Kubernetes' users know it. Pure.</summary>
internal static class PodStatusBuilder
{
    /// <summary>Computes the whole status; what others have written into it stays.</summary>
    public static PodStatus Build(PodView view)
    {
        var before = view.Pod.Status;
        var status = new PodStatus
        {
            NominatedNodeName = before?.NominatedNodeName,
            ResourceClaimStatuses = before?.ResourceClaimStatuses,
            StartTime = before?.StartTime ?? view.Now,
            QosClass = before?.QosClass ?? PodQos.Of(view.Pod),
            ContainerStatuses = ContainerStatuses.OfApps(view),
            InitContainerStatuses = ContainerStatuses.OfInit(view),
            EphemeralContainerStatuses = ContainerStatuses.OfEphemeral(view),
        };
        status.Phase = ShownPhase(view, status);
        status.Resize = view.Pod.IsStatic || view.IsTerminated || IsTerminal(status.Phase) ? null : view.Sizes.StatusFor(view.Pod);
        var failure = (status.Phase == PodPhase.Failed ? view.Failure : null) ?? (before?.Phase == PodPhase.Failed && before.Reason is not null ? new PodFailure(before.Reason, before.Message ?? "") : null);
        status.Reason = failure?.Reason;
        status.Message = failure?.Message;
        status.Conditions = PodConditions.Build(view, status);
        SetAddresses(view, status);
        return status;
    }

    /// <summary>Whether the pod has come to its end, whatever of it still has to be stopped.</summary>
    public static bool IsOver(PodView view) => view.Failure is not null || IsTerminal(Outcome(view, new PodStatus
    {
        ContainerStatuses = ContainerStatuses.OfApps(view),
        InitContainerStatuses = ContainerStatuses.OfInit(view),
    }));

    // A pod is over when nothing of it runs: whoever reads that starts another in its place, and gives its address away.
    private static string ShownPhase(PodView view, PodStatus status)
    {
        var phase = Outcome(view, status);
        if (!IsTerminal(phase) || view.IsTerminated || view.Pod.IsFinished || !MayRun(view))
        {
            return phase;
        }

        var now = PodPhase.Of(view.Pod, status.ContainerStatuses!, status.InitContainerStatuses ?? [], view.IsTerminating);
        return IsTerminal(now) ? view.Pod.Status?.Phase ?? PodPhase.Running : now;
    }

    private static bool MayRun(PodView view) =>
        view.Failure is not null ? view.Runtime.IsAnythingAlive : view.Runtime.Containers.Any(c => c.State is RunState.Running or RunState.Unknown);

    private static bool IsTerminal(string phase) => phase is PodPhase.Succeeded or PodPhase.Failed;

    private static string Outcome(PodView view, PodStatus status)
    {
        if (view.Pod.IsFinished)
        {
            return view.Pod.Status!.Phase!;
        }

        if (view.Failure is not null)
        {
            return PodPhase.Failed;
        }

        return PodPhase.Of(view.Pod, status.ContainerStatuses!, status.InitContainerStatuses ?? [], view.IsTerminating);
    }

    private static void SetAddresses(PodView view, PodStatus status)
    {
        status.HostIP = view.NodeIp;
        status.HostIPs = [new HostIP { Ip = view.NodeIp }];

        // A pod keeps telling its address until its sandbox is replaced: what ended is looked up by it.
        var ip = view.Pod.IsHostNetwork ? view.NodeIp : view.Runtime.Ip.Length > 0 ? view.Runtime.Ip : view.IsTerminating || status.Phase is PodPhase.Succeeded or PodPhase.Failed ? view.Pod.Status?.PodIP : null;
        if (!string.IsNullOrEmpty(ip))
        {
            status.PodIP = ip;
            status.PodIPs = [new PodIP { Ip = ip }];
        }
    }
}
