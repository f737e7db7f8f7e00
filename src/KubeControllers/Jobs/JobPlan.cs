using Sealos.Kinds.Core;
using Sealos.KubeControllers.ReplicaSets;

namespace Sealos.KubeControllers.Jobs;

/// <summary>What to do about a job's pods: delete some, or make some, or wait.</summary>
/// <param name="Delete">The pods to delete; when there are any, none is made.</param>
/// <param name="Create">What to make: an index each, or null for pods that are all alike.</param>
/// <param name="Wait">How long pods have to wait for the failures before them.</param>
internal sealed record JobPlan(List<Pod> Delete, List<int?> Create, TimeSpan? Wait)
{
    private const int MostAtOnce = 500;

    private static readonly JobPlan Nothing = new([], [], null);

    public static JobPlan Of(JobRound round, Failures failures)
    {
        var (spec, active) = (round.Spec, round.Active.Count);
        if (round.IsSuspended)
        {
            return Nothing with { Delete = round.Active };
        }

        var wanted = spec.Completions is null
            ? (round.Succeeded > 0 ? active : spec.Parallelism ?? 1)
            : Math.Clamp(spec.Completions.Value - round.Succeeded, 0, spec.Parallelism ?? 1);
        var surplus = Surplus(round, Math.Max(0, active - wanted));
        if (surplus.Count > 0)
        {
            return Nothing with { Delete = [.. surplus.Take(MostAtOnce)] };
        }

        var missing = wanted - active - (JobPods.ReplacesOnlyFailed(spec) ? round.Terminating : 0);
        return missing <= 0 ? Nothing : Missing(round, failures, Math.Min(missing, MostAtOnce));
    }

    private static JobPlan Missing(JobRound round, Failures failures, int count)
    {
        var perIndex = round.Spec.BackoffLimitPerIndex is not null;
        if (!perIndex && failures.Remaining(round.Now) is var wait && wait > TimeSpan.Zero)
        {
            return Nothing with { Wait = wait };
        }

        if (!round.IsIndexed)
        {
            return Nothing with { Create = [.. Enumerable.Repeat<int?>(null, count)] };
        }

        var indexes = Taken(round).FirstMissing(count, round.Completions);
        var waits = perIndex ? indexes.ConvertAll(i => WaitOf(round, i)) : indexes.ConvertAll(_ => TimeSpan.Zero);
        var ready = indexes.Where((_, i) => waits[i] == TimeSpan.Zero).Select(i => (int?)i).ToList();
        return new JobPlan([], ready, waits.Where(w => w > TimeSpan.Zero).Select(w => (TimeSpan?)w).Min());
    }

    private static IndexSet Taken(JobRound round)
    {
        var held = round.Active.Concat(JobPods.ReplacesOnlyFailed(round.Spec) ? round.Pods.Where(JobRound.IsTerminating) : []);
        return round.SucceededIndexes.Union(IndexSet.Of(held.Select(JobPods.IndexOf).OfType<int>())).Union(round.FailedIndexes ?? IndexSet.Empty);
    }

    private static TimeSpan WaitOf(JobRound round, int index) =>
        round.Kept.TryGetValue(index, out var failed) ? new Failures(JobPods.AllFailuresBefore(failed) + 1, PodEnd.Of(failed)).Remaining(round.Now) : TimeSpan.Zero;

    // Pods that share an index or have none that counts go first, then those whose loss hurts least.
    private static List<Pod> Surplus(JobRound round, int atLeast)
    {
        if (!round.IsIndexed)
        {
            return atLeast == 0 ? [] : Least(round.Active, atLeast, round.Now);
        }

        var surplus = round.Active.FindAll(p => round.ValidIndex(p) is null);
        var left = new List<Pod>();
        foreach (var pods in round.Active.Where(p => round.ValidIndex(p) is not null).GroupBy(p => round.ValidIndex(p)))
        {
            var same = pods.ToList();
            var extra = same.Count == 1 ? [] : Least(same, same.Count - 1, round.Now);
            surplus.AddRange(extra);
            left.AddRange(same.Except(extra));
        }

        return surplus.Count >= atLeast ? surplus : [.. surplus, .. Least(left, atLeast - surplus.Count, round.Now)];
    }

    private static List<Pod> Least(List<Pod> pods, int count, DateTimeOffset now) => ReplicaRanking.SelectForDeletion(pods, [], count, now);
}
