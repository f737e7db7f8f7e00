using System.Text.Json.Nodes;

namespace Sealos.OsServices.Admission;

/// <summary>Where the objects lie that a rule looks at; each place is a webhook with its own selector.</summary>
internal enum Place
{
    /// <summary>In workspaces, but the operator's own.</summary>
    Workspaces,

    /// <summary>In the namespace of the users' credentials.</summary>
    Accounts,

    /// <summary>In the cluster.</summary>
    Cluster,

    /// <summary>The namespaces of workspaces themselves.</summary>
    Namespaces,
}

/// <summary>Which writes a rule looks at; the configurations name these and nothing else.</summary>
/// <param name="Place">Where the objects lie.</param>
/// <param name="Operations">Letters of C(reate), U(pdate), D(elete).</param>
/// <param name="Group">The API group, or <c>*</c>.</param>
/// <param name="Resources">Resources, with their part after a slash.</param>
internal sealed record RuleScope(Place Place, string Operations, string Group, params IReadOnlyList<string> Resources)
{
    public bool Matches(AdmissionRequest request) =>
        PlaceOf(request) == Place
        && Operations.Contains(request.Operation switch { AdmissionOperation.Create => 'C', AdmissionOperation.Update => 'U', AdmissionOperation.Delete => 'D', _ => '-' })
        && (Group == "*" || Group == request.Group)
        && Resources.Any(r => r == "*/*" || r == request.FullResource || (r == "*" && request.Subresource.Length == 0));

    private static Place PlaceOf(AdmissionRequest request) => request switch
    {
        { Group: "", Resource: "namespaces" } => Place.Namespaces,
        { Namespace: "" } => Place.Cluster,
        { Namespace: Users.UserDirectory.AccountsNamespace } => Place.Accounts,
        _ => Place.Workspaces,
    };
}

/// <summary>Why a write is refused, in one sentence, after Sealos's code where it has one.</summary>
internal sealed record Refusal(string Message, int Code = 403);

/// <summary>One rule: looks at a write and what is known, and refuses it or not. It changes nothing.</summary>
internal abstract class AdmissionRule
{
    /// <summary>What it looks at.</summary>
    public abstract IReadOnlyList<RuleScope> Scopes { get; }

    /// <summary>Whether it binds tenants alone, or whoever writes in a workspace, controllers too.</summary>
    public virtual bool BindsEverybody => false;

    /// <summary>What it looks at whoever writes; what tenants write it is always asked about.</summary>
    public virtual IReadOnlyList<RuleScope> EverybodysScopes => BindsEverybody ? Scopes : [];

    /// <summary>Whether it has to say anything about a write.</summary>
    public bool Concerns(AdmissionRequest request)
    {
        if (!BindsEverybody && !request.Caller.IsTenant)
        {
            return false;
        }

        foreach (var scope in Scopes)
        {
            if (scope.Matches(request))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Why the write is refused; null when it is not.</summary>
    public virtual ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct) => ValueTask.FromResult(Judge(request));

    /// <summary>The same, for rules that need to know the write alone.</summary>
    protected virtual Refusal? Judge(AdmissionRequest request) => null;
}

/// <summary>Changes objects as they are created in workspaces.</summary>
internal interface IAdmissionPatch
{
    /// <summary>What it looks at; none when it has nothing to change.</summary>
    IReadOnlyList<RuleScope> Scopes { get; }

    /// <summary>Why the object cannot be changed as it must be; null when it can.</summary>
    Refusal? Refuse(AdmissionRequest request) => null;

    /// <summary>Operations of a JSON patch.</summary>
    IEnumerable<JsonObject> Patch(AdmissionRequest request);
}
