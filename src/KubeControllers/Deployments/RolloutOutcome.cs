using Sealos.Kinds.Apps;

namespace Sealos.KubeControllers.Deployments;

/// <summary>How far a reconcile has come: the sets as written so far, and what the status must tell.</summary>
internal sealed record RolloutOutcome(Rollout Rollout, RolloutStep Step, int? Collisions)
{
    /// <summary>Why the new set could not be made; thrown once the status tells of it.</summary>
    public Exception? Error { get; init; }

    public RolloutOutcome With(ReplicaSet written) => this with { Rollout = Rollout.With(written) };
}
