using System.Diagnostics.CodeAnalysis;
using Sealos.Kinds.Core;
using Sealos.Node.Pods;
using Sealos.Node.Pods.Config;
using Sealos.Node.Pods.Resizing;
using Sealos.Node.Pressure;

namespace Sealos.Node.Admission;

/// <summary>Who has to go so that a pod which the cloud cannot do without finds room: few, small, and those that were promised least. Pure.</summary>
internal static class Preemption
{
    /// <summary>What those who go are told.</summary>
    public static readonly PodFailure Failure = new("Preempting", "Preempted in order to admit critical pod")
    {
        IsDisruption = true,
        DisruptionMessage = "Pod was preempted by Kubelet to accommodate a critical pod.",
    };

    /// <summary>Chooses pods whose room together is what is missing.</summary>
    /// <param name="pod">The pod that has come.</param>
    /// <param name="pods">All others.</param>
    /// <param name="shortages">What is short.</param>
    /// <param name="victims">Who has to go.</param>
    /// <param name="missing">What even the end of all who may be ended would not bring.</param>
    public static bool TryChoose(Pod pod, IReadOnlyList<Pod> pods, IReadOnlyList<Shortage> shortages, out IReadOnlyList<Pod> victims, [NotNullWhen(false)] out string? missing)
    {
        var need = shortages.ToDictionary(s => s.Resource, s => s.Missing, StringComparer.Ordinal);
        var candidates = pods.Where(p => MayEnd(pod, p)).Select(p => new Candidate(p, PodRoom.Of(p))).ToList();
        var rest = Left(need, candidates);
        victims = [];
        missing = rest.Count == 0 ? null : $"[{string.Concat(rest.Select(n => $"(res: {n.Key}, q: {n.Value}), "))}]";
        if (missing is not null)
        {
            return false;
        }

        var classes = new[] { PodQos.BestEffort, PodQos.Burstable, PodQos.Guaranteed }.Select(qos => candidates.Where(c => PodQos.Of(c.Pod) == qos).ToList()).ToList();

        // Those with the strongest promise go only for what all others together would not bring, and then the others need bring less.
        var chosen = new List<Candidate>();
        for (var i = classes.Count - 1; i >= 0; i--)
        {
            chosen.AddRange(Closest(classes[i], Left(Left(need, chosen), [.. classes.Take(i).SelectMany(c => c)])));
        }

        victims = [.. chosen.AsEnumerable().Reverse().Select(c => c.Pod)];
        return true;
    }

    private static bool MayEnd(Pod pod, Pod other) =>
        (EvictionOrder.IsCritical(pod) && !EvictionOrder.IsCritical(other)) || (pod.Spec?.Priority is { } mine && other.Spec?.Priority is { } theirs && mine > theirs);

    // Each time whoever comes closest to what is still needed; of those who come equally close, the smallest.
    private static List<Candidate> Closest(List<Candidate> candidates, Dictionary<string, long> need)
    {
        var chosen = new List<Candidate>();
        while (need.Count > 0)
        {
            var best = candidates.Except(chosen).MinBy(c => (Distance(c, need), c.Room.Memory, c.Room.MilliCpu))!;
            chosen.Add(best);
            need = Left(need, [best]);
        }

        return chosen;
    }

    private static double Distance(Candidate candidate, Dictionary<string, long> need) =>
        need.Sum(n => Math.Pow(Math.Max(0, n.Value - candidate.Room.Amount(n.Key)) / (double)n.Value, 2));

    private static Dictionary<string, long> Left(Dictionary<string, long> need, List<Candidate> gone) =>
        need.Select(n => (n.Key, Value: n.Value - gone.Sum(c => c.Room.Amount(n.Key)))).Where(n => n.Value > 0).ToDictionary(n => n.Key, n => n.Value, StringComparer.Ordinal);

    private sealed record Candidate(Pod Pod, PodRoom Room);
}
