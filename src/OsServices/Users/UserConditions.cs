namespace Sealos.OsServices.Users;

/// <summary>The conditions of a user while they are worked out anew; the names are Sealos's.</summary>
internal sealed class UserConditions(IEnumerable<UserCondition>? before, DateTimeOffset now)
{
    public const string Initialized = "Initialized";
    public const string Namespace = "NamespaceSyncReady";
    public const string Account = "ServiceAccountSyncReady";
    public const string KubeConfig = "KubeConfigSyncReady";
    public const string Role = "RoleSyncReady";
    public const string RoleBinding = "RoleBindingSyncReady";
    public const string ClusterRoleBinding = "ClusterRoleBindingSyncReady";
    public const string Ready = "Ready";

    public const string IsTrue = "True";
    public const string IsFalse = "False";

    /// <summary>The reason of a step that has nothing to do for this user.</summary>
    public const string NotNeeded = "NotNeeded";

    private readonly Dictionary<string, UserCondition> _before = (before ?? []).ToDictionary(c => c.Type, StringComparer.Ordinal);
    private readonly List<UserCondition> _now = [];

    /// <summary>Whether one of them says something else than before.</summary>
    public bool HaveChanged => _now.Count != _before.Count || _now.Exists(c => !_before.TryGetValue(c.Type, out var old) || (old.Status, old.Reason, old.Message) != (c.Status, c.Reason, c.Message));

    public List<UserCondition> All => _now;

    /// <summary>Whether a step has ever come to its good end for a user.</summary>
    public static bool Holds(User user, string type) => user.Status?.Conditions?.Exists(c => c.Type == type && c.Status == IsTrue) == true;

    /// <summary>Says what is amiss about a step that was done all the same.</summary>
    public void Remark(string type, string reason, string message)
    {
        var condition = _now.Find(c => c.Type == type)!;
        (condition.Reason, condition.Message) = (reason, message);
    }

    /// <summary>Says how a step ended; answers since when that is so.</summary>
    public DateTimeOffset Set(string type, bool isMet, string reason, string message = "")
    {
        var status = isMet ? IsTrue : IsFalse;
        var old = _before.GetValueOrDefault(type);
        var since = (old?.Status == status ? old.LastTransitionTime : null) ?? now;
        _now.Add(new UserCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastHeartbeatTime = now,
            LastTransitionTime = since,
        });
        return since;
    }
}
