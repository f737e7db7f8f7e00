using System.Collections.Concurrent;
using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Jobs;

/// <summary>How often pods failed in a row, and when the last one did.</summary>
internal readonly record struct Failures(int InARow, DateTimeOffset? Last)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>With pods that ended since: a success ends the row.</summary>
    public Failures After(IReadOnlyCollection<Pod> succeeded, IReadOnlyCollection<Pod> failed)
    {
        if (succeeded.Count == 0)
        {
            return failed.Count == 0 ? this : new Failures(InARow + failed.Count, failed.Max(PodEnd.Of));
        }

        var success = succeeded.Max(PodEnd.Of);
        var later = failed.Select(PodEnd.Of).Where(t => t > success).ToList();
        return later.Count == 0 ? default : new Failures(later.Count, later.Max());
    }

    /// <summary>How long the next pod has to wait.</summary>
    public TimeSpan Remaining(DateTimeOffset now)
    {
        if (InARow == 0 || Last is null)
        {
            return TimeSpan.Zero;
        }

        var pause = TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(InARow - 1, 6)));
        var left = Last.Value + pause - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

/// <summary>When a pod ended.</summary>
internal static class PodEnd
{
    public static DateTimeOffset Of(Pod pod) =>
        Containers(pod) ?? NotReady(pod) ?? Deletion(pod) ?? pod.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue;

    // Sidecars are init containers that end after the others.
    private static DateTimeOffset? Containers(Pod pod)
    {
        var sidecars = (pod.Spec?.InitContainers ?? []).Where(c => c.RestartPolicy == "Always").Select(c => c.Name).ToHashSet();
        var statuses = (pod.Status?.ContainerStatuses ?? []).Concat((pod.Status?.InitContainerStatuses ?? []).Where(s => sidecars.Contains(s.Name))).ToList();
        var ends = statuses.ConvertAll(s => s.State?.Terminated?.FinishedAt);
        return ends.Count == 0 || ends.Contains(null) ? null : ends.Max();
    }

    private static DateTimeOffset? NotReady(Pod pod) =>
        PodState.Condition(pod, "Ready") is { Status: "False" } condition ? condition.LastTransitionTime : null;

    private static DateTimeOffset? Deletion(Pod pod) => pod.Metadata.DeletionTimestamp - TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0);
}

/// <summary>What is remembered of each job's failures, for as long as the process runs and the job does.</summary>
internal sealed class PodBackoff
{
    private readonly ConcurrentDictionary<ObjectKey, Failures> _failures = new();

    public Failures this[ObjectKey key]
    {
        get => _failures.GetValueOrDefault(key);
        set
        {
            if (value == default)
            {
                Forget(key);
            }
            else
            {
                _failures[key] = value;
            }
        }
    }

    public void Forget(ObjectKey key) => _failures.TryRemove(key, out _);
}
