using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>The conditions that the node sets on a pod; those of others are kept. Pure.</summary>
internal static class PodConditions
{
    private static readonly string[] Own = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"];

    /// <summary>The conditions for a status whose containers and phase are already there.</summary>
    public static List<PodCondition> Build(PodView view, PodStatus status)
    {
        var before = view.Pod.Status?.Conditions ?? [];
        var others = before.Where(c => !Own.Contains(c.Type)).ToList();
        var containersReady = ContainersReady(view.Pod, status);
        List<PodCondition> conditions =
        [
            Of("PodReadyToStartContainers", view.Runtime.Sandbox is { IsReady: true } s && (s.IsHostNetwork || s.Ip.Length > 0), "", ""),
            Initialized(view.Pod, status),
            Ready(view.Pod, containersReady, others),
            containersReady,
        ];
        foreach (var condition in conditions)
        {
            var old = before.FirstOrDefault(c => c.Type == condition.Type);
            condition.LastTransitionTime = old is not null && old.Status == condition.Status ? old.LastTransitionTime : view.Now;
        }

        if (view.Failure is { IsDisruption: true } failure && others.All(c => c.Type != "DisruptionTarget"))
        {
            others.Add(new PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "TerminationByKubelet", Message = failure.DisruptionMessage ?? failure.Message, LastTransitionTime = view.Now });
        }

        if (others.All(c => c.Type != "PodScheduled"))
        {
            others.Add(new PodCondition { Type = "PodScheduled", Status = "True", LastTransitionTime = view.Now });
        }

        // Jobs tell by this what is no fault of the pod's.
        if (view.Failure is { Reason: "Evicted" } eviction && !others.Exists(c => c is { Type: "DisruptionTarget", Status: "True" }))
        {
            others.RemoveAll(c => c.Type == "DisruptionTarget");
            others.Add(new PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "TerminationByKubelet", Message = eviction.Message, LastTransitionTime = view.Now });
        }

        return [.. conditions, .. others];
    }

    private static PodCondition Initialized(Pod pod, PodStatus status)
    {
        if (status.Phase == PodPhase.Succeeded)
        {
            return Of("Initialized", true, "PodCompleted", "");
        }

        var hasAppStarted = (status.ContainerStatuses ?? []).Any(s => s.State?.Running is not null || s.State?.Terminated is not null);
        var missing = pod.InitContainers
            .Where(c => !IsInitDone(c, status.InitContainerStatuses?.FirstOrDefault(s => s.Name == c.Name)))
            .Select(c => c.Name).ToList();
        return missing.Count == 0 || hasAppStarted
            ? Of("Initialized", true, "", "")
            : Of("Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', missing)}]");
    }

    private static bool IsInitDone(Container container, ContainerStatus? status) => container.IsSidecar ? status?.Started == true : status?.Ready == true;

    private static PodCondition ContainersReady(Pod pod, PodStatus status)
    {
        if (status.Phase == PodPhase.Succeeded)
        {
            return Of("ContainersReady", false, "PodCompleted", "");
        }

        if (status.Phase == PodPhase.Failed)
        {
            return Of("ContainersReady", false, "PodFailed", "");
        }

        var all = pod.InitContainers.Where(c => c.IsSidecar).Select(c => (c.Name, Status: status.InitContainerStatuses?.FirstOrDefault(s => s.Name == c.Name)))
            .Concat(pod.Containers.Select(c => (c.Name, Status: status.ContainerStatuses?.FirstOrDefault(s => s.Name == c.Name))));
        var unready = all.Where(e => e.Status?.Ready != true).Select(e => e.Name).ToList();
        return unready.Count == 0 ? Of("ContainersReady", true, "", "") : Of("ContainersReady", false, "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]");
    }

    private static PodCondition Ready(Pod pod, PodCondition containersReady, List<PodCondition> others)
    {
        if (containersReady.Status != "True")
        {
            return Of("Ready", false, containersReady.Reason ?? "", containersReady.Message ?? "");
        }

        var missing = (pod.Spec?.ReadinessGates ?? []).Select(g => g.ConditionType).Where(t => others.FirstOrDefault(c => c.Type == t)?.Status != "True").ToList();
        return missing.Count == 0
            ? Of("Ready", true, "", "")
            : Of("Ready", false, "ReadinessGatesNotReady", string.Join(", ", missing.Select(t => others.Any(c => c.Type == t) ? $"the status of pod readiness gate \"{t}\" is not \"True\", but False" : $"corresponding condition of pod readiness gate \"{t}\" does not exist.")));
    }

    private static PodCondition Of(string type, bool isTrue, string reason, string message) => new()
    {
        Type = type,
        Status = isTrue ? "True" : "False",
        Reason = reason.Length > 0 ? reason : null,
        Message = message.Length > 0 ? message : null,
    };
}
