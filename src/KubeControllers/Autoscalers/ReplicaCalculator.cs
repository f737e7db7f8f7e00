using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>What a pod used: when it was measured, over which time, and how much in thousandths.</summary>
internal sealed record PodUsage(DateTimeOffset At, TimeSpan Window, long Milli);

/// <summary>How many replicas a metric asks for, and what it is now: on average a pod, and in percent of what was requested.</summary>
internal readonly record struct Proposal(int Replicas, long Average, int? Utilization = null);

/// <summary>The pods of an autoscaler's target, with what they used.</summary>
/// <param name="Pods">The pods that the target's selector selects.</param>
/// <param name="Usage">What they used, by name; not all are known.</param>
/// <param name="Resource">The resource's name; freshly started pods are looked at with care where it is <c>cpu</c>.</param>
/// <param name="Now">The time.</param>
internal sealed record Measured(IReadOnlyCollection<Pod> Pods, IReadOnlyDictionary<string, PodUsage> Usage, string Resource, DateTimeOffset Now);

/// <summary>The arithmetic of autoscaling: from what pods use to how many there should be.</summary>
internal static class ReplicaCalculator
{
    public const double Tolerance = 0.1;

    private static readonly TimeSpan CpuInitialization = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan InitialReadiness = TimeSpan.FromSeconds(30);

    /// <summary>By the average that a pod should use.</summary>
    /// <exception cref="MetricException">Nothing can be said from these measurements.</exception>
    public static Proposal ByValue(Measured measured, int current, long target)
    {
        var average = 0L;
        var first = true;
        var replicas = Calculate(measured, current, _ => target, used =>
        {
            var now = used.Values.Sum() / used.Count;
            (average, first) = first ? (now, false) : (average, false);
            return (double)now / target;
        });
        return new Proposal(replicas, average);
    }

    /// <summary>By the share of its request that a pod should use; of one container only, where one is named.</summary>
    /// <exception cref="MetricException">Nothing can be said from these measurements.</exception>
    public static Proposal ByUtilization(Measured measured, int current, int target, string? container)
    {
        Dictionary<string, long>? requests = null;
        Proposal? shown = null;
        var replicas = Calculate(measured, current, pod => requests![pod] * Math.Max(100, target) / 100, used =>
        {
            requests ??= measured.Pods.ToDictionary(p => p.Metadata.Name!, p => RequestOf(p, measured.Resource, container));
            var known = used.Where(u => requests.ContainsKey(u.Key)).ToList();
            var requested = known.Sum(u => requests[u.Key]);
            if (requested == 0)
            {
                throw new MetricException("no metrics returned matched known pods");
            }

            var total = known.Sum(u => u.Value);
            var utilization = (int)(total * 100 / requested);
            shown ??= new Proposal(0, total / known.Count, utilization);
            return (double)utilization / target;
        });
        return shown!.Value with { Replicas = replicas };
    }

    private static int Calculate(Measured measured, int current, Func<string, long> missingOnScaleDown, Func<Dictionary<string, long>, double> ratioOf)
    {
        if (measured.Pods.Count == 0)
        {
            throw new MetricException("no pods returned by selector while calculating replica count");
        }

        var groups = Group(measured);
        var used = measured.Usage.Where(u => !groups.Ignored.Contains(u.Key) && !groups.Unready.Contains(u.Key)).ToDictionary(u => u.Key, u => u.Value.Milli);
        if (used.Count == 0)
        {
            throw new MetricException("did not receive metrics for targeted pods (pods might be unready)");
        }

        var ratio = ratioOf(used);
        var countsUnready = groups.Unready.Count > 0 && ratio > 1;
        if (!countsUnready && groups.Missing.Count == 0)
        {
            return Math.Abs(1 - ratio) <= Tolerance ? current : Ceiling(ratio * groups.Ready);
        }

        // What is not known is taken to speak against the change.
        foreach (var pod in groups.Missing.Where(_ => ratio is < 1 or > 1))
        {
            used[pod] = ratio < 1 ? missingOnScaleDown(pod) : 0;
        }

        foreach (var pod in countsUnready ? groups.Unready : [])
        {
            used[pod] = 0;
        }

        var again = ratioOf(used);
        if (Math.Abs(1 - again) <= Tolerance || (ratio < 1 && again > 1) || (ratio > 1 && again < 1))
        {
            return current;
        }

        var replicas = Ceiling(again * used.Count);
        return (again < 1 && replicas > current) || (again > 1 && replicas < current) ? current : replicas;
    }

    private static Groups Group(Measured measured)
    {
        var groups = new Groups([], [], []);
        foreach (var pod in measured.Pods)
        {
            var name = pod.Metadata.Name!;
            if (pod.Metadata.DeletionTimestamp is not null || pod.Status?.Phase == "Failed")
            {
                groups.Ignored.Add(name);
            }
            else if (pod.Status?.Phase == "Pending")
            {
                groups.Unready.Add(name);
            }
            else if (!measured.Usage.TryGetValue(name, out var usage))
            {
                groups.Missing.Add(name);
            }
            else if (measured.Resource == "cpu" && IsWarmingUp(pod, usage, measured.Now))
            {
                groups.Unready.Add(name);
            }
            else
            {
                groups.Ready++;
            }
        }

        return groups;
    }

    // Starting takes more CPU than serving does, and must not make more pods start.
    private static bool IsWarmingUp(Pod pod, PodUsage usage, DateTimeOffset now)
    {
        if (PodState.Condition(pod, "Ready") is not { } ready || pod.Status?.StartTime is not { } started)
        {
            return true;
        }

        var since = ready.LastTransitionTime ?? started;
        return started + CpuInitialization > now
            ? ready.Status == "False" || usage.At < since + usage.Window
            : ready.Status == "False" && started + InitialReadiness > since;
    }

    private static long RequestOf(Pod pod, string resource, string? container)
    {
        var sum = 0L;
        foreach (var each in (pod.Spec?.Containers ?? []).Concat((pod.Spec?.InitContainers ?? []).Where(c => c.RestartPolicy == "Always")))
        {
            if (container is null || each.Name == container)
            {
                sum += each.Resources?.Requests?.TryGetValue(resource, out var request) == true
                    ? request.MilliValue
                    : throw new MetricException($"missing request for {resource} in container {each.Name} of Pod {pod.Metadata.Name}");
            }
        }

        return sum;
    }

    private static int Ceiling(double replicas) => (int)Math.Min(int.MaxValue, Math.Ceiling(replicas));

    private sealed record Groups(HashSet<string> Unready, HashSet<string> Missing, HashSet<string> Ignored)
    {
        public int Ready { get; set; }
    }
}

/// <summary>A metric from which no number of replicas can be had, for this reason.</summary>
internal sealed class MetricException(string message) : Exception(message);
