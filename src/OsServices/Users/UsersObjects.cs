using System.Text;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;

namespace Sealos.OsServices.Users;

/// <summary>The objects a user consists of, as pure values: workspace namespace, service account, roles and bindings.</summary>
internal static class UsersObjects
{
    /// <summary>Where the service accounts and password hashes of all users live.</summary>
    public const string SystemNamespace = "user-system";

    public const string OwnerRole = "Owner";
    public const string ManagerRole = "Manager";
    public const string DeveloperRole = "Developer";

    private const string OwnerKey = "user.sealos.io/owner";

    public static string WorkspaceOf(string user) => $"ns-{user}";

    public static string PasswordSecretOf(string user) => $"sealos-password-{user}";

    public static Namespace System() => new() { Metadata = new ObjectMeta { Name = SystemNamespace } };

    /// <summary>The private workspace. The operator's own is the only one without Pod Security, as in Sealos.</summary>
    public static Namespace Workspace(string user)
    {
        var labels = new Dictionary<string, string> { [OwnerKey] = user };
        if (user != UserDirectory.AdminName)
        {
            labels["pod-security.kubernetes.io/enforce"] = "baseline";
            labels["pod-security.kubernetes.io/audit"] = "restricted";
            labels["pod-security.kubernetes.io/warn"] = "restricted";
        }

        return new Namespace
        {
            Metadata = new ObjectMeta
            {
                Name = WorkspaceOf(user),
                Labels = labels,
                Annotations = new Dictionary<string, string> { [OwnerKey] = user, ["user.sealos.io/creator"] = user, ["sealos.io/namespace"] = WorkspaceOf(user) },
            },
        };
    }

    public static ServiceAccount Account(string user) => new()
    {
        Metadata = new ObjectMeta { Name = user, Namespace = SystemNamespace, Labels = new Dictionary<string, string> { [OwnerKey] = user } },
        AutomountServiceAccountToken = false,
    };

    public static IEnumerable<Role> Roles(string user)
    {
        string[] all = ["*"];
        foreach (var name in new[] { OwnerRole, ManagerRole })
        {
            yield return NewRole(user, name, all);
        }

        yield return NewRole(user, DeveloperRole, ["get", "list", "watch"]);
    }

    public static RoleBinding OwnerBinding(string user) => new()
    {
        Metadata = new ObjectMeta { Name = user, Namespace = WorkspaceOf(user), Labels = new Dictionary<string, string> { [OwnerKey] = user } },
        RoleRef = new RoleRef { ApiGroup = Role.KubeKind.Group, Kind = "Role", Name = OwnerRole },
        Subjects = [AccountSubject(user)],
    };

    /// <summary>Makes the operator's user an operator of the whole cluster.</summary>
    public static ClusterRoleBinding AdminBinding() => new()
    {
        Metadata = new ObjectMeta { Name = $"sealos:{UserDirectory.AdminName}" },
        RoleRef = new RoleRef { ApiGroup = Role.KubeKind.Group, Kind = "ClusterRole", Name = "cluster-admin" },
        Subjects = [AccountSubject(UserDirectory.AdminName)],
    };

    public static Secret Password(string user, string hash) => new()
    {
        Metadata = new ObjectMeta { Name = PasswordSecretOf(user), Namespace = SystemNamespace, Labels = new Dictionary<string, string> { [OwnerKey] = user } },
        Type = "user.sealos.io/password",
        Data = new Dictionary<string, byte[]> { ["hash"] = Encoding.ASCII.GetBytes(hash) },
    };

    private static Role NewRole(string user, string name, string[] verbs) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = WorkspaceOf(user), Labels = new Dictionary<string, string> { [OwnerKey] = user } },
        Rules = [new PolicyRule { ApiGroups = ["*"], Resources = ["*"], Verbs = [.. verbs] }],
    };

    private static Subject AccountSubject(string user) => new() { Kind = "ServiceAccount", Name = user, Namespace = SystemNamespace };
}
