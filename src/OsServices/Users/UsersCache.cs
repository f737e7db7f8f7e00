using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users.Requests;

namespace Sealos.OsServices.Users;

/// <summary>What is followed of users and of what they consist of: only what bears their label, and no Secret with content.</summary>
internal sealed class UsersCache
{
    private const string TeamsOf = "owner";

    /// <param name="everywhere">Looks at all namespaces.</param>
    /// <param name="accounts">Looks at the users' own namespace alone.</param>
    public UsersCache(InformerFactory everywhere, InformerFactory accounts)
    {
        Users = everywhere.For<User>().AddIndex(TeamsOf, TeamOwner);
        Namespaces = everywhere.For<Namespace>(labelSelector: UserKeys.Owner);
        Roles = everywhere.For<Role>(labelSelector: UserKeys.Owner);
        Bindings = everywhere.For<RoleBinding>(labelSelector: UserKeys.Owner);
        Quotas = everywhere.For<ResourceQuota>(labelSelector: UserKeys.Owner);
        LimitRanges = everywhere.For<LimitRange>(labelSelector: UserKeys.Owner);
        Policies = everywhere.For<NetworkPolicy>(labelSelector: UserKeys.Owner);
        Nodes = everywhere.For<Node>();
        DeleteRequests = everywhere.For<DeleteRequest>();
        Operationrequests = accounts.For<Operationrequest>().AddIndex(OperationrequestReconciler.ByWorkspace, r => r.Spec is { } spec ? [spec.Namespace] : []);
        Accounts = accounts.For<ServiceAccount>(labelSelector: UserKeys.Owner);
        Tokens = accounts.For<Secret>(fieldSelector: $"type={UserCredentials.TokenType}").AddIndex(TeamsOf, s => s.Metadata.Labels?.GetValueOrDefault(UserKeys.Owner) is { } owner ? [owner] : []);
    }

    public Informer<User> Users { get; }

    public Informer<Namespace> Namespaces { get; }

    public Informer<Role> Roles { get; }

    public Informer<RoleBinding> Bindings { get; }

    public Informer<ResourceQuota> Quotas { get; }

    public Informer<LimitRange> LimitRanges { get; }

    public Informer<NetworkPolicy> Policies { get; }

    public Informer<Node> Nodes { get; }

    public Informer<DeleteRequest> DeleteRequests { get; }

    public Informer<Operationrequest> Operationrequests { get; }

    public Informer<ServiceAccount> Accounts { get; }

    public Informer<Secret> Tokens { get; }

    /// <summary>The teams that a person owns.</summary>
    public IReadOnlyList<User> Teams(string owner) => Users.ByIndex(TeamsOf, owner);

    /// <summary>The Secrets that tokens of a user's kubeconfigs are bound to.</summary>
    public IReadOnlyList<Secret> TokensOf(string user) => Tokens.ByIndex(TeamsOf, user);

    private static string[] TeamOwner(User user) => user.IsTeam() && user.OwnerOf() is { } owner ? [owner] : [];
}
