using Sealos.Kinds.Core;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Pods;

/// <summary>A pod's phase, from the states of its containers. Pure.</summary>
internal static class PodPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    /// <summary>The phase; <paramref name="isTerminating"/> says that nothing will be started any more.</summary>
    public static string Of(Pod pod, IReadOnlyList<ContainerStatus> apps, IReadOnlyList<ContainerStatus> init, bool isTerminating)
    {
        var (isPending, hasFailed) = OfInit(pod, init);
        if (hasFailed && pod.RestartPolicy == "Never")
        {
            return Failed;
        }

        var running = apps.Count(s => s.State?.Running is not null);
        var stopped = apps.Where(HasStopped).ToList();
        if (isPending && running + stopped.Count == 0)
        {
            return Pending;
        }

        if (apps.Count > running + stopped.Count)
        {
            return Pending;
        }

        if (running > 0 || stopped.Count == 0)
        {
            return running > 0 ? Running : Pending;
        }

        var hasSucceeded = stopped.All(s => (s.State?.Terminated ?? s.LastState?.Terminated)?.ExitCode == 0);
        return (isTerminating, hasSucceeded, pod.RestartPolicy) switch
        {
            (false, _, "Always") => Running,
            (_, true, _) => stopped.All(s => s.State?.Terminated is not null) ? Succeeded : Running,
            (true, false, _) or (_, false, "Never") => Failed,
            _ => Running,
        };
    }

    // Stopped: ended, or ended before and waiting to be started again.
    private static bool HasStopped(ContainerStatus status) =>
        status.State?.Terminated is not null || (status.State?.Waiting is not null && status.LastState?.Terminated is not null);

    private static (bool IsPending, bool HasFailed) OfInit(Pod pod, IReadOnlyList<ContainerStatus> statuses)
    {
        var isPending = false;
        var hasFailed = false;
        foreach (var container in pod.InitContainers)
        {
            var status = statuses.FirstOrDefault(s => s.Name == container.Name);
            var end = status?.State?.Terminated ?? (status?.State?.Waiting is not null ? status.LastState?.Terminated : null);
            if (container.IsSidecar)
            {
                isPending |= end is null && status?.Started != true;
            }
            else
            {
                isPending |= end is null;
                hasFailed |= end is { ExitCode: not 0 };
            }
        }

        return (isPending, hasFailed);
    }
}
