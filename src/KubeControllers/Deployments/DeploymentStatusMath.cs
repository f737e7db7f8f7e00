using Sealos.Kinds.Apps;

namespace Sealos.KubeControllers.Deployments;

/// <summary>What happened in a reconcile that the status must tell beside the counts.</summary>
/// <param name="HasCreatedSet">The new ReplicaSet was made just now.</param>
/// <param name="CreateError">Why it could not be made.</param>
/// <param name="HasRolledOut">Whether this was a step of the rollout, which progress is judged by, and not a pause or a scaling.</param>
internal readonly record struct RolloutStep(bool HasCreatedSet, string? CreateError, bool HasRolledOut);

/// <summary>What a Deployment's status should say.</summary>
internal static class DeploymentStatusMath
{
    public const string NewReplicaSetAvailable = "NewReplicaSetAvailable";
    public const string ProgressDeadlineExceeded = "ProgressDeadlineExceeded";

    public static DeploymentStatus Calculate(Rollout rollout, RolloutStep step, int? collisions, DateTimeOffset now)
    {
        var status = Count(rollout, collisions);
        var conditions = new DeploymentConditions(rollout.Deployment.Status?.Conditions, now);
        SetAvailable(rollout, status, conditions);
        if (!HasDeadline(rollout.Deployment))
        {
            conditions.Remove(DeploymentConditions.Progressing);
        }
        else
        {
            SetPaused(rollout, conditions);
            SetSetFound(rollout, step, conditions);
            if (step is { HasRolledOut: true, CreateError: null })
            {
                SetProgress(rollout, status, conditions, now);
            }
        }

        SetReplicaFailure(rollout, conditions);
        status.Conditions = conditions.ToList();
        return status;
    }

    /// <summary>All replicas are of the new template, and available.</summary>
    public static bool IsComplete(Deployment deployment, DeploymentStatus? status)
    {
        var replicas = deployment.Spec!.Replicas ?? 1;
        return status is not null && (status.UpdatedReplicas ?? 0) == replicas && (status.Replicas ?? 0) == replicas
            && (status.AvailableReplicas ?? 0) == replicas && (status.ObservedGeneration ?? 0) >= (deployment.Metadata.Generation ?? 0);
    }

    /// <summary>How long until the rollout's deadline, when one is under way and may still miss it.</summary>
    public static TimeSpan? UntilDeadline(Deployment deployment, DeploymentStatus status, DateTimeOffset now)
    {
        var progress = status.Conditions?.Find(c => c.Type == DeploymentConditions.Progressing);
        if (progress is null || !HasDeadline(deployment) || deployment.Spec!.Paused == true || IsComplete(deployment, status) || progress.Reason is ProgressDeadlineExceeded or NewReplicaSetAvailable)
        {
            return null;
        }

        // A second more, as times are kept in whole seconds.
        var wait = progress.LastUpdateTime + Deadline(deployment) - now + TimeSpan.FromSeconds(1);
        return wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1);
    }

    private static DeploymentStatus Count(Rollout rollout, int? collisions)
    {
        var total = rollout.All.Sum(s => s.Status?.Replicas ?? 0);
        var available = rollout.All.Sum(s => s.Status?.AvailableReplicas ?? 0);
        return new DeploymentStatus
        {
            ObservedGeneration = rollout.Deployment.Metadata.Generation,
            Replicas = NoneIfZero(total),
            UpdatedReplicas = NoneIfZero(rollout.New?.Status?.Replicas ?? 0),
            ReadyReplicas = NoneIfZero(rollout.All.Sum(s => s.Status?.ReadyReplicas ?? 0)),
            AvailableReplicas = NoneIfZero(available),
            UnavailableReplicas = NoneIfZero(Math.Max(0, total - available)),
            CollisionCount = collisions,
        };
    }

    private static void SetAvailable(Rollout rollout, DeploymentStatus status, DeploymentConditions conditions)
    {
        if ((status.AvailableReplicas ?? 0) >= rollout.Target.MinAvailable)
        {
            conditions.Set(DeploymentConditions.Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
        }
        else
        {
            conditions.Set(DeploymentConditions.Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        }
    }

    // A pause stops the clock of the deadline; resuming starts it anew.
    private static void SetPaused(Rollout rollout, DeploymentConditions conditions)
    {
        var reason = conditions.Get(DeploymentConditions.Progressing)?.Reason;
        if (reason == ProgressDeadlineExceeded)
        {
            return;
        }

        if (rollout.IsPaused && reason != "DeploymentPaused")
        {
            conditions.Set(DeploymentConditions.Progressing, "Unknown", "DeploymentPaused", "Deployment is paused");
        }
        else if (!rollout.IsPaused && reason == "DeploymentPaused")
        {
            conditions.Set(DeploymentConditions.Progressing, "Unknown", "DeploymentResumed", "Deployment is resumed");
        }
    }

    private static void SetSetFound(Rollout rollout, RolloutStep step, DeploymentConditions conditions)
    {
        if (step.CreateError is { } error)
        {
            conditions.Set(DeploymentConditions.Progressing, "False", "ReplicaSetCreateError", error);
        }
        else if (step.HasCreatedSet)
        {
            conditions.Set(DeploymentConditions.Progressing, "True", "NewReplicaSetCreated", $"Created new replica set \"{rollout.New!.Metadata.Name}\"");
        }
        else if (rollout.New is not null && conditions.Get(DeploymentConditions.Progressing) is null)
        {
            conditions.Set(DeploymentConditions.Progressing, "True", "FoundNewReplicaSet", $"Found new replica set \"{rollout.New.Metadata.Name}\"");
        }
    }

    private static void SetProgress(Rollout rollout, DeploymentStatus status, DeploymentConditions conditions, DateTimeOffset now)
    {
        var current = conditions.Get(DeploymentConditions.Progressing);
        if ((status.Replicas ?? 0) == (status.UpdatedReplicas ?? 0) && current?.Reason == NewReplicaSetAvailable)
        {
            return;
        }

        var subject = rollout.New is { } set ? $"ReplicaSet \"{set.Metadata.Name}\"" : $"Deployment \"{rollout.Deployment.Metadata.Name}\"";
        if (IsComplete(rollout.Deployment, status))
        {
            conditions.Set(DeploymentConditions.Progressing, "True", NewReplicaSetAvailable, $"{subject} has successfully progressed.");
        }
        else if (HasMoved(rollout.Deployment.Status, status))
        {
            conditions.Renew(DeploymentConditions.Progressing, "True", "ReplicaSetUpdated", $"{subject} is progressing.");
        }
        else if (HasTimedOut(rollout.Deployment, current, now))
        {
            conditions.Set(DeploymentConditions.Progressing, "False", ProgressDeadlineExceeded, $"{subject} has timed out progressing.");
        }
    }

    private static bool HasMoved(DeploymentStatus? old, DeploymentStatus status) =>
        (status.UpdatedReplicas ?? 0) > (old?.UpdatedReplicas ?? 0)
        || (status.Replicas ?? 0) - (status.UpdatedReplicas ?? 0) < (old?.Replicas ?? 0) - (old?.UpdatedReplicas ?? 0)
        || (status.ReadyReplicas ?? 0) > (old?.ReadyReplicas ?? 0)
        || (status.AvailableReplicas ?? 0) > (old?.AvailableReplicas ?? 0);

    private static bool HasTimedOut(Deployment deployment, DeploymentCondition? progress, DateTimeOffset now) => progress switch
    {
        null or { Reason: NewReplicaSetAvailable } => false,
        { Reason: ProgressDeadlineExceeded } => true,
        _ => now > progress.LastUpdateTime + Deadline(deployment),
    };

    private static void SetReplicaFailure(Rollout rollout, DeploymentConditions conditions)
    {
        var failure = (rollout.New is null ? rollout.Old : rollout.Old.Prepend(rollout.New))
            .Select(s => s.Status?.Conditions?.Find(c => c.Type == DeploymentConditions.ReplicaFailure)).FirstOrDefault(c => c is not null);
        if (failure is null)
        {
            conditions.Remove(DeploymentConditions.ReplicaFailure);
        }
        else
        {
            conditions.Set(DeploymentConditions.ReplicaFailure, failure.Status!, failure.Reason!, failure.Message!);
        }
    }

    private static bool HasDeadline(Deployment deployment) => deployment.Spec!.ProgressDeadlineSeconds is { } seconds and not int.MaxValue && seconds > 0;

    private static TimeSpan Deadline(Deployment deployment) => TimeSpan.FromSeconds(deployment.Spec!.ProgressDeadlineSeconds!.Value);

    private static int? NoneIfZero(int count) => count == 0 ? null : count;
}
