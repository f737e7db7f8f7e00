using Sealos.Kinds.Apps;

namespace Sealos.KubeControllers.Deployments;

/// <summary>The conditions of a Deployment under construction: setting one keeps its times where nothing changed.</summary>
internal sealed class DeploymentConditions(IEnumerable<DeploymentCondition>? known, DateTimeOffset now)
{
    public const string Available = "Available";
    public const string Progressing = "Progressing";
    public const string ReplicaFailure = "ReplicaFailure";

    private readonly List<DeploymentCondition> _conditions = [.. known ?? []];

    public DeploymentCondition? Get(string type) => _conditions.Find(c => c.Type == type);

    public void Remove(string type) => _conditions.RemoveAll(c => c.Type == type);

    /// <summary>Sets a condition; one of the same status and reason stays as it is.</summary>
    public void Set(string type, string status, string reason, string message)
    {
        var old = Get(type);
        if (old is null || old.Status != status || old.Reason != reason)
        {
            Renew(type, status, reason, message);
        }
    }

    /// <summary>Sets a condition and says that it was looked at just now.</summary>
    public void Renew(string type, string status, string reason, string message)
    {
        var old = Get(type);
        Remove(type);
        _conditions.Add(new DeploymentCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastUpdateTime = now,
            LastTransitionTime = old?.Status == status ? old.LastTransitionTime : now,
        });
    }

    public List<DeploymentCondition>? ToList() => _conditions.Count == 0 ? null : _conditions;
}
