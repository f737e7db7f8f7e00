using Sealos.Kinds.Apps;

namespace Sealos.KubeControllers.Deployments;

/// <summary>A Deployment with its ReplicaSets sorted into the new one and the old ones, oldest first.</summary>
internal sealed record Rollout(Deployment Deployment, ReplicaSet? New, IReadOnlyList<ReplicaSet> Old)
{
    public IEnumerable<ReplicaSet> All => New is null ? Old : Old.Append(New);

    public IEnumerable<ReplicaSet> Active => All.Where(s => Size(s) > 0);

    public RolloutTarget Target => TargetOf(Deployment);

    public bool IsRecreate => Deployment.Spec!.Strategy?.Type == "Recreate";

    public bool IsPaused => Deployment.Spec!.Paused == true;

    /// <summary>Whether the Deployment's size changed since its sets were last scaled.</summary>
    public bool IsScaling => Active.Any(s => Revisions.Number(s, Revisions.DesiredReplicas) is { } desired && desired != Target.Replicas);

    /// <summary>The new set is the oldest whose template is the Deployment's.</summary>
    public static Rollout Of(Deployment deployment, IEnumerable<ReplicaSet> sets)
    {
        var sorted = sets.OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        var @new = sorted.Find(s => TemplateHash.AreEqual(s.Spec?.Template, deployment.Spec!.Template));
        return new Rollout(deployment, @new, [.. sorted.Where(s => s != @new)]);
    }

    public static int Size(ReplicaSet set) => set.Spec?.Replicas ?? 1;

    /// <summary>The same with one set replaced by what was written.</summary>
    public Rollout With(ReplicaSet written) => written.Metadata.Uid == New?.Metadata.Uid
        ? this with { New = written }
        : this with { Old = [.. Old.Select(s => s.Metadata.Uid == written.Metadata.Uid ? written : s)] };

    private static RolloutTarget TargetOf(Deployment deployment)
    {
        var replicas = deployment.Spec!.Replicas ?? 1;
        if (deployment.Spec.Strategy?.Type == "Recreate")
        {
            return new RolloutTarget(replicas, 0, 0);
        }

        var rolling = deployment.Spec.Strategy?.RollingUpdate;
        var surge = (rolling?.MaxSurge ?? "25%").Scale(replicas, roundUp: true);
        var unavailable = (rolling?.MaxUnavailable ?? "25%").Scale(replicas, roundUp: false);

        // Percentages of few replicas may both come to nothing; then the update could never start.
        if (surge == 0 && unavailable == 0)
        {
            unavailable = 1;
        }

        return new RolloutTarget(replicas, surge, Math.Min(unavailable, replicas));
    }
}
