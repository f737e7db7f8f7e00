using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;

namespace Sealos.OsServices.Users;

/// <summary>What the roles of a workspace allow, and what every user may ask for beyond workspaces. Pure.</summary>
internal static class UserRoles
{
    public const string Owner = "Owner";
    public const string Manager = "Manager";
    public const string Developer = "Developer";

    private static readonly string[] Powerful = ["cluster-admin", "admin", "edit"];

    /// <summary>Whether a binding gives a role of people, or one that is as much, to a workspace's own service accounts.</summary>
    public static bool IsHandedOn(RoleBinding binding, string ns) =>
        binding.RoleRef is { } role && (role.Kind == "ClusterRole" ? Powerful : Names).Contains(role.Name) && binding.Subjects?.Exists(s => IsWorkspaceAccount(s, ns)) == true;

    /// <summary>Whether a binding gives a person something, by whatever name.</summary>
    public static bool IsOf(RoleBinding binding, string user) =>
        binding.Subjects?.Exists(s => s.Name == user && s.Kind == "ServiceAccount" && s.Namespace == UsersObjects.SystemNamespace) == true;

    private static bool IsWorkspaceAccount(Subject subject, string ns) => subject.Kind switch
    {
        "ServiceAccount" => UsersObjects.UserOf(subject.Namespace ?? ns) is not null,
        "Group" => subject.Name is "system:serviceaccounts" or "system:authenticated" || subject.Name?.StartsWith("system:serviceaccounts:ns-", StringComparison.Ordinal) == true,
        "User" => subject.Name?.StartsWith("system:serviceaccount:ns-", StringComparison.Ordinal) == true,
        _ => false,
    };

    /// <summary>Greater for whoever may do more; 0 for what is no role of a workspace.</summary>
    public static int Rank(string? role) => role switch
    {
        Owner => 3,
        Manager => 2,
        Developer => 1,
        _ => 0,
    };

    /// <summary>The role of all users, of the cluster and of the system namespace.</summary>
    public const string Tenant = "sealos:tenant";

    // The core group one by one, because some of what is read there is a secret or a door: a terminal in a pod is opened by "get".
    private static readonly string[] ReadableCore =
    [
        "bindings", "configmaps", "endpoints", "events", "limitranges", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "pods/log", "pods/status",
        "podtemplates", "replicationcontrollers", "replicationcontrollers/scale", "replicationcontrollers/status", "resourcequotas", "resourcequotas/status",
        "serviceaccounts", "services", "services/status",
    ];

    private static readonly string[] ReadableGroups =
    [
        "apps", "autoscaling", "batch", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "metrics.k8s.io", "networking.k8s.io", "policy",
        "rbac.authorization.k8s.io", "snapshot.storage.k8s.io", "resource.k8s.io",
        "account.sealos.io", "app.sealos.io", "devbox.sealos.io", "network.sealos.io", "notification.sealos.io", "objectstorage.sealos.io", "terminal.sealos.io",
        "apps.kubeblocks.io", "dataprotection.kubeblocks.io", "cert-manager.io",
    ];

    public static IReadOnlyList<string> Names { get; } = [Owner, Manager, Developer];

    public static List<PolicyRule> RulesOf(string role)
    {
        string[] reading = ["get", "list", "watch"];
        return role == Developer
            ? [Rule([""], ReadableCore, reading), Rule(ReadableGroups, ["*"], reading)]
            : [Rule(["*"], ["*"], ["*"])];
    }

    /// <summary>Whatever else a user asks for is judged by admission.</summary>
    public static ClusterRole TenantRole() => new()
    {
        Metadata = new ObjectMeta { Name = Tenant },
        Rules = [Rule([User.KubeKind.Group], [User.KubeKind.Plural, DeleteRequest.KubeKind.Plural], ["create"])],
    };

    public static ClusterRoleBinding TenantBinding() => new()
    {
        Metadata = new ObjectMeta { Name = Tenant },
        RoleRef = new RoleRef { ApiGroup = ClusterRole.KubeKind.Group, Kind = "ClusterRole", Name = Tenant },
        Subjects = [Everybody()],
    };

    public static Role RequestRole() => new()
    {
        Metadata = new ObjectMeta { Name = Tenant, Namespace = UsersObjects.SystemNamespace },
        Rules = [Rule([Operationrequest.KubeKind.Group], [Operationrequest.KubeKind.Plural], ["create"])],
    };

    public static RoleBinding RequestBinding() => new()
    {
        Metadata = new ObjectMeta { Name = Tenant, Namespace = UsersObjects.SystemNamespace },
        RoleRef = new RoleRef { ApiGroup = Role.KubeKind.Group, Kind = "Role", Name = Tenant },
        Subjects = [Everybody()],
    };

    private static Subject Everybody() => new() { ApiGroup = ClusterRole.KubeKind.Group, Kind = "Group", Name = $"system:serviceaccounts:{UsersObjects.SystemNamespace}" };

    private static PolicyRule Rule(string[] groups, string[] resources, string[] verbs) => new() { ApiGroups = [.. groups], Resources = [.. resources], Verbs = [.. verbs] };
}
