using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Rbac;

namespace Sealos.OsServices.Users;

/// <summary>The objects a user consists of, as pure values: workspace namespace, service account, roles and bindings.</summary>
internal static class UsersObjects
{
    /// <summary>Where the service accounts and password hashes of all users live.</summary>
    public const string SystemNamespace = "user-system";

    /// <summary>What follows is the name of the User whose workspace it is.</summary>
    public const string WorkspacePrefix = "ns-";

    /// <summary>The type of the Secret that is a sign-in; its token is bound to it.</summary>
    public const string SessionType = "user.sealos.io/session";

    /// <summary>The type of the Secret that is a personal token; the token is bound to it.</summary>
    public const string PersonalTokenType = "user.sealos.io/token";

    private const string PodSecurityPrefix = "pod-security.kubernetes.io/";

    public static string WorkspaceOf(string user) => WorkspacePrefix + user;

    /// <summary>Whose workspace a namespace would be, by its name; null when no workspace is called so.</summary>
    public static string? UserOf(string? ns) => ns?.StartsWith(WorkspacePrefix, StringComparison.Ordinal) == true ? ns[WorkspacePrefix.Length..] : null;

    public static string PasswordSecretOf(string user) => $"sealos-password-{user}";

    /// <summary>The name of a member's binding in a team's workspace.</summary>
    public static string MemberBindingOf(string user) => $"rb-{user}";

    /// <summary>Whose binding in a team's workspace it is, or null when it is no member's.</summary>
    public static string? MemberOf(RoleBinding binding) =>
        binding.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner) is { } user && binding.Metadata.Name == MemberBindingOf(user) ? user : null;

    /// <summary>Finds the teams that somebody owns.</summary>
    public static ListQuery TeamsOf(string owner) => new() { LabelSelector = $"{UserKeys.Type}={UserKeys.TypeGroup},{UserKeys.Owner}={owner}" };

    public static Namespace System() => new() { Metadata = new ObjectMeta { Name = SystemNamespace } };

    /// <summary>A workspace. The operator's own is the only one without Pod Security, as in Sealos.</summary>
    public static Namespace Workspace(string user, string? owner = null, string? creator = null, string podSecurity = "baseline")
    {
        owner ??= user;
        var labels = new Dictionary<string, string> { [UserKeys.Owner] = owner };
        if (user != UserDirectory.AdminName)
        {
            labels[PodSecurityPrefix + "enforce"] = podSecurity;
            labels[PodSecurityPrefix + "audit"] = "restricted";
            labels[PodSecurityPrefix + "warn"] = "restricted";
        }

        return new Namespace
        {
            Metadata = new ObjectMeta
            {
                Name = WorkspaceOf(user),
                Labels = labels,
                Annotations = new Dictionary<string, string> { [UserKeys.Owner] = owner, [UserKeys.Creator] = creator ?? owner, [UserKeys.NamespaceName] = WorkspaceOf(user) },
            },
        };
    }

    public static ServiceAccount Account(string user) => new()
    {
        Metadata = new ObjectMeta { Name = user, Namespace = SystemNamespace, Labels = OwnedBy(user) },
        AutomountServiceAccountToken = false,
    };

    public static IEnumerable<Role> Roles(string user) => UserRoles.Names.Select(name => new Role
    {
        Metadata = new ObjectMeta { Name = name, Namespace = WorkspaceOf(user), Labels = OwnedBy(user) },
        Rules = UserRoles.RulesOf(name),
    });

    /// <summary>The right of a person in their own workspace.</summary>
    public static RoleBinding OwnerBinding(string user) => Binding(user, WorkspaceOf(user), user, UserRoles.Owner);

    /// <summary>The right of a member in a team's workspace.</summary>
    public static RoleBinding MemberBinding(string user, string ns, string role) => Binding(MemberBindingOf(user), ns, user, role);

    /// <summary>Makes the operator's user an operator of the whole cluster.</summary>
    public static ClusterRoleBinding AdminBinding() => new()
    {
        Metadata = new ObjectMeta { Name = $"sealos:{UserDirectory.AdminName}" },
        RoleRef = new RoleRef { ApiGroup = Role.KubeKind.Group, Kind = "ClusterRole", Name = "cluster-admin" },
        Subjects = [AccountSubject(UserDirectory.AdminName)],
    };

    public static User Admin() => new()
    {
        Metadata = new ObjectMeta { Name = UserDirectory.AdminName },
        Spec = new UserSpec(),
    };

    public static Secret Password(string user, string hash) => new()
    {
        Metadata = new ObjectMeta { Name = PasswordSecretOf(user), Namespace = SystemNamespace, Labels = OwnedBy(user) },
        Type = "user.sealos.io/password",
        Data = new Dictionary<string, byte[]> { ["hash"] = Encoding.ASCII.GetBytes(hash) },
    };

    public static Dictionary<string, string> OwnedBy(string user) => new() { [UserKeys.Owner] = user };

    private static RoleBinding Binding(string name, string ns, string user, string role) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns, Labels = OwnedBy(user) },
        RoleRef = new RoleRef { ApiGroup = Role.KubeKind.Group, Kind = "Role", Name = role },
        Subjects = [AccountSubject(user)],
    };

    private static Subject AccountSubject(string user) => new() { Kind = "ServiceAccount", Name = user, Namespace = SystemNamespace };
}
