using Sealos.Kinds.Core;

namespace Sealos.OsServices.Apps;

/// <summary>What an instance is doing, in words for people who know nothing of pods.</summary>
public static class InstanceWords
{
    /// <summary>Such as "running", "waiting for the image: not found" or "restarting after a crash (exit code 1)".</summary>
    public static string Describe(Pod pod)
    {
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            return "stopping";
        }

        var statuses = pod.Status?.ContainerStatuses ?? [];
        if (statuses.Find(s => s.State?.Waiting?.Reason is not (null or "ContainerCreating" or "PodInitializing"))?.State?.Waiting is { } waiting)
        {
            return Waiting(waiting, statuses.Find(s => s.LastState?.Terminated is not null)?.LastState?.Terminated);
        }

        if (pod.Status?.Phase == "Pending")
        {
            var unscheduled = pod.Status.Conditions?.Find(c => c is { Type: "PodScheduled", Status: "False" });
            return unscheduled is null ? "starting" : $"waiting for room: {unscheduled.Message}";
        }

        if (statuses.Find(s => s.State?.Terminated is not null)?.State?.Terminated is { } ended)
        {
            return Ended(ended);
        }

        return statuses.Count > 0 && statuses.TrueForAll(s => s.Ready == true) ? "running" : "running, not ready yet";
    }

    /// <summary>The first thing that keeps an instance from being ready and is not just a matter of time; empty when there is none.</summary>
    public static string Problem(IEnumerable<Pod> instances) => instances
        .Where(p => p.Metadata.DeletionTimestamp is null)
        .Select(Describe)
        .FirstOrDefault(d => d is not ("running" or "starting" or "running, not ready yet")) ?? "";

    private static string Waiting(ContainerStateWaiting waiting, ContainerStateTerminated? last) => waiting.Reason switch
    {
        "ErrImagePull" or "ImagePullBackOff" or "ErrImageNeverPull" or "InvalidImageName" => $"waiting for the image: {waiting.Message}",
        "CrashLoopBackOff" when last is not null => $"restarting after it {Ended(last)}",
        "CrashLoopBackOff" => "restarting after a crash",
        _ => $"cannot start: {waiting.Message ?? waiting.Reason}",
    };

    private static string Ended(ContainerStateTerminated ended) => ended.Reason switch
    {
        "OOMKilled" => "ran out of memory",
        "Completed" => "ended by itself",
        _ => $"ended with exit code {ended.ExitCode}",
    };
}
