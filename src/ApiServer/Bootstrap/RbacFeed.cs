using Sealos.ApiServer.Authorization;
using Sealos.ApiServer.Registry;
using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Bootstrap;

/// <summary>Keeps the index of rights level with the stored roles and bindings.</summary>
internal sealed class RbacFeed
{
    private const string Group = "rbac.authorization.k8s.io";

    public RbacFeed(ResourceRegistry registry)
    {
        Follow(registry, "roles", RbacKind.Role);
        Follow(registry, "clusterroles", RbacKind.ClusterRole);
        Follow(registry, "rolebindings", RbacKind.RoleBinding);
        Follow(registry, "clusterrolebindings", RbacKind.ClusterRoleBinding);
    }

    public RbacIndex Index { get; } = new();

    private void Follow(ResourceRegistry registry, string plural, RbacKind kind) => registry.Get(Group, plural).Cache.Changed += change =>
    {
        var subject = change.Subject;
        if (change.Type == WatchEventType.Deleted)
        {
            Index.Remove(kind, subject.Namespace.Length == 0 ? null : subject.Namespace, subject.Name);
        }
        else
        {
            Index.Set(kind, subject.Utf8);
        }
    };
}
