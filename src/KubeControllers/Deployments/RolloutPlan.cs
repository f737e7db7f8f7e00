using Sealos.Kinds.Apps;

namespace Sealos.KubeControllers.Deployments;

/// <summary>A set and the size it should have.</summary>
internal readonly record struct SetScale(ReplicaSet Set, int Size);

/// <summary>Decides which sets change size next; only one of growing and shrinking happens in a step.</summary>
internal static class RolloutPlan
{
    /// <summary>The sizes when the Deployment is paused or was scaled: its sets keep their proportions.</summary>
    public static IReadOnlyList<SetScale> ForScaling(Rollout rollout)
    {
        var active = rollout.Active.ToList();
        var only = active.Count switch
        {
            0 => rollout.New ?? rollout.Old.LastOrDefault(),
            1 => active[0],
            _ => null,
        };
        if (only is not null)
        {
            return [new SetScale(only, rollout.Target.Replicas)];
        }

        if (active.Count == 0)
        {
            return [];
        }

        if (IsSaturated(rollout))
        {
            return [.. rollout.Old.Where(s => Rollout.Size(s) > 0).Select(s => new SetScale(s, 0))];
        }

        if (rollout.IsRecreate)
        {
            return [];
        }

        var sizes = ProportionalScaling.Spread(rollout.Target, [.. active.Select(s => Scaled(s, rollout))]);
        return [.. active.Zip(sizes, (s, n) => new SetScale(s, n))];
    }

    /// <summary>The next step of a rolling update; empty when nothing can move now.</summary>
    public static IReadOnlyList<SetScale> ForRolling(Rollout rollout)
    {
        var @new = rollout.New!;
        var newSize = RollingMath.NewSize(rollout.Target, Rollout.Size(@new), rollout.All.Sum(Rollout.Size));
        if (newSize != Rollout.Size(@new))
        {
            return [new SetScale(@new, newSize)];
        }

        var old = rollout.Old.Where(s => Rollout.Size(s) > 0).ToList();
        var sizes = RollingMath.OldSizes(rollout.Target, SizeOf(@new), [.. old.Select(SizeOf)]);
        return [.. old.Zip(sizes, (s, n) => new SetScale(s, n)).Where(s => s.Size != Rollout.Size(s.Set))];
    }

    /// <summary>Old sets of a Recreate deployment go to zero before anything else.</summary>
    public static IReadOnlyList<SetScale> ForRecreate(Rollout rollout) =>
        [.. rollout.Old.Where(s => Rollout.Size(s) > 0).Select(s => new SetScale(s, 0))];

    /// <summary>The sets beyond the history limit, oldest revision first; only those that are empty and settled.</summary>
    public static IReadOnlyList<ReplicaSet> Outdated(Rollout rollout)
    {
        var kept = rollout.Deployment.Spec!.RevisionHistoryLimit ?? int.MaxValue;
        var old = rollout.Old.Where(s => s.Metadata.DeletionTimestamp is null).ToList();
        return [.. old.OrderBy(Revisions.Of).Take(Math.Max(0, old.Count - kept)).Where(IsSettled)];
    }

    private static bool IsSettled(ReplicaSet set) =>
        Rollout.Size(set) == 0 && (set.Status?.Replicas ?? 0) == 0 && (set.Status?.ObservedGeneration ?? 0) >= (set.Metadata.Generation ?? 0);

    private static bool IsSaturated(Rollout rollout) =>
        rollout.New is { } @new && Rollout.Size(@new) == rollout.Target.Replicas && (@new.Status?.AvailableReplicas ?? 0) == rollout.Target.Replicas
        && Revisions.Number(@new, Revisions.DesiredReplicas) == rollout.Target.Replicas;

    // A status can be older than the size: a set that is shrinking still counts pods that are on their way out, and whoever
    // counted on those would take away too many of the others.
    private static SetSize SizeOf(ReplicaSet set)
    {
        var size = Rollout.Size(set);
        return new SetSize(size, Math.Min(size, set.Status?.AvailableReplicas ?? 0));
    }

    private static ScaledSet Scaled(ReplicaSet set, Rollout rollout) => new(
        Rollout.Size(set),
        (int)(Revisions.Number(set, Revisions.MaxReplicas) ?? rollout.Deployment.Status?.Replicas ?? 0),
        set.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue);
}
