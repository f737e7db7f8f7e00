namespace Sealos.ApiServer.Authorization;

/// <summary>The four kinds that RBAC is made of.</summary>
internal enum RbacKind
{
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
}

/// <summary>
/// Roles and bindings as they are now, indexed so that a decision looks only at the bindings of its own user and
/// groups. Readers take a snapshot; a change makes the next one.
/// </summary>
internal sealed class RbacIndex
{
    private readonly Lock _gate = new();
    private volatile RbacSnapshot _snapshot = RbacSnapshot.Empty;

    public RbacSnapshot Snapshot => _snapshot;

    /// <summary>Takes over an object as stored (JSON), replacing the one of that name.</summary>
    public void Set(RbacKind kind, ReadOnlyMemory<byte> json)
    {
        if (kind is RbacKind.Role or RbacKind.ClusterRole)
        {
            var role = RbacJson.ReadRole(json);
            Change(s => s.With(role));
        }
        else
        {
            var binding = RbacJson.ReadBinding(json);
            Change(s => s.With(binding));
        }
    }

    public void Remove(RbacKind kind, string? @namespace, string name)
    {
        var scope = string.IsNullOrEmpty(@namespace) ? null : @namespace;
        Change(s => kind is RbacKind.Role or RbacKind.ClusterRole ? s.WithoutRole(scope, name) : s.WithoutBinding(scope, name));
    }

    private void Change(Func<RbacSnapshot, RbacSnapshot> change)
    {
        lock (_gate)
        {
            _snapshot = change(_snapshot);
        }
    }
}
