using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission;

/// <summary>What somebody is to the cloud.</summary>
internal enum CallerKind
{
    /// <summary>Neither of the others: bound by what the API's own roles say.</summary>
    Other,

    /// <summary>The rules do not bind it.</summary>
    Operator,

    /// <summary>A user, or something that runs in a workspace.</summary>
    Tenant,
}

/// <summary>Who asks.</summary>
/// <param name="Name">The name the API server knows.</param>
/// <param name="Kind">What that is to the cloud.</param>
/// <param name="User">The person whose service account in the users' namespace it is; null for everybody else, personal tokens too.</param>
internal sealed record AdmissionCaller(string Name, CallerKind Kind, string? User = null)
{
    /// <summary>Whoever is not signed in; bound like a tenant.</summary>
    public static AdmissionCaller Nobody { get; } = new("system:anonymous", CallerKind.Tenant);

    public bool IsTenant => Kind == CallerKind.Tenant;
}

/// <summary>Tells operators, tenants and others apart by the identity that the API server has established.</summary>
internal sealed class Callers(Func<string, bool> isWorkspace)
{
    private const string AccountPrefix = "system:serviceaccount:";
    private const string AccountsPrefix = "system:serviceaccounts:";
    private const string Anonymous = "system:unauthenticated";

    private static readonly string[] OperatorGroups = ["system:masters", "system:nodes"];
    private static readonly string[] SystemNamespaces = ["kube-system", AdmissionNames.Namespace];

    public AdmissionCaller Of(string name, IReadOnlyList<string> groups)
    {
        if (name.Length == 0 || name == AdmissionCaller.Nobody.Name || groups.Contains(Anonymous))
        {
            return AdmissionCaller.Nobody;
        }

        if (groups.Any(OperatorGroups.Contains))
        {
            return new AdmissionCaller(name, CallerKind.Operator);
        }

        return name.StartsWith(AccountPrefix, StringComparison.Ordinal) ? OfAccount(name, name[AccountPrefix.Length..]) : new AdmissionCaller(name, KindOfName(name, groups));
    }

    private AdmissionCaller OfAccount(string name, string account)
    {
        var colon = account.IndexOf(':', StringComparison.Ordinal);
        var (ns, user) = colon < 0 ? (account, "") : (account[..colon], account[(colon + 1)..]);
        return ns switch
        {
            UserDirectory.AccountsNamespace when user == UserDirectory.AdminName => new AdmissionCaller(name, CallerKind.Operator, user),

            // A personal token's account lies among the people's, and is nobody: it may do what its bindings say.
            UserDirectory.AccountsNamespace => new AdmissionCaller(name, CallerKind.Tenant, UserNames.IsValid(user) && !UserNames.IsReserved(user) ? user : null),
            _ when SystemNamespaces.Contains(ns) => new AdmissionCaller(name, CallerKind.Operator),

            // A workspace that nobody has told of yet bears the prefix all the same.
            _ when ns.StartsWith(UsersObjects.WorkspacePrefix, StringComparison.Ordinal) || isWorkspace(ns) => new AdmissionCaller(name, CallerKind.Tenant),
            _ => new AdmissionCaller(name, CallerKind.Other),
        };
    }

    // Only certificates of the cluster's own authority bear these names.
    private static CallerKind KindOfName(string name, IReadOnlyList<string> groups) =>
        (name.StartsWith("system:", StringComparison.Ordinal) || name.StartsWith("sealos:", StringComparison.Ordinal)) && !groups.Any(g => g.StartsWith(AccountsPrefix, StringComparison.Ordinal))
            ? CallerKind.Operator
            : CallerKind.Other;
}
