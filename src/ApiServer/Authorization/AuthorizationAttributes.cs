using Sealos.ApiServer.Authentication;
using Sealos.Objects.Selectors;

namespace Sealos.ApiServer.Authorization;

/// <summary>
/// What a request wants to do. For list and watch, <see cref="Name"/> comes from
/// <c>fieldSelector=metadata.name=x</c>; for a namespace itself, <see cref="Namespace"/> is its name.
/// </summary>
internal sealed record AuthorizationAttributes(UserInfo User, string Verb)
{
    /// <summary>API group; empty for core.</summary>
    public string Group { get; init; } = "";

    /// <summary>The plural; null when the request is for a path outside the API (<see cref="Path"/>).</summary>
    public string? Resource { get; init; }

    public string? Subresource { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? Path { get; init; }

    /// <summary>Of a list, watch or deletecollection: which objects it is limited to.</summary>
    public FieldSelector Fields { get; init; } = FieldSelector.Everything;

    /// <summary><c>pods</c> or <c>pods/log</c>.</summary>
    public string QualifiedResource => string.IsNullOrEmpty(Subresource) ? Resource ?? "" : $"{Resource}/{Subresource}";

    /// <summary>403 as Kubernetes words it; <paramref name="reason"/> is the authorizer's.</summary>
    public Refusal Forbidden(string? reason = null)
    {
        var because = string.IsNullOrEmpty(reason) ? "" : $": {reason}";
        if (Resource is null)
        {
            return new Refusal(403, "Forbidden", $"forbidden: User {GoText.Quote(User.Name)} cannot {Verb} path {GoText.Quote(Path ?? "")}{because}");
        }

        var where = string.IsNullOrEmpty(Namespace) ? "at the cluster scope" : $"in the namespace {GoText.Quote(Namespace)}";
        var what = $"User {GoText.Quote(User.Name)} cannot {Verb} resource {GoText.Quote(QualifiedResource)} in API group {GoText.Quote(Group)} {where}{because}";
        return Refusal.Forbidden(Group, Resource, Name, what);
    }
}

/// <summary>Whether a request may go on; the reason is empty when there is nothing to add.</summary>
internal readonly record struct AuthorizationDecision(bool IsAllowed, string Reason);
