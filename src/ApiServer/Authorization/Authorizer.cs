using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Authorization;

/// <summary>Decides whether a request may go on: what nodes need for their pods first, then roles and bindings.</summary>
internal sealed class Authorizer(RbacAuthorizer roles, NodeAuthorizer? nodes = null)
{
    public AuthorizationDecision Authorize(AuthorizationAttributes attributes)
    {
        if (nodes is null || NodeIdentity.Of(attributes.User) is not { } node)
        {
            return roles.Authorize(attributes);
        }

        var asNode = nodes.Authorize(node, attributes);
        if (asNode.IsAllowed)
        {
            return asNode;
        }

        var asUser = roles.Authorize(attributes);
        return asUser.IsAllowed || asNode.Reason.Length == 0 ? asUser
            : asUser with { Reason = asUser.Reason.Length == 0 ? asNode.Reason : $"{asNode.Reason}\n{asUser.Reason}" };
    }

    /// <summary>For SelfSubjectRulesReview; a node has rights that depend on its pods, which no rule tells.</summary>
    public RuleListing RulesFor(UserInfo user, string? @namespace) => roles.RulesFor(user, @namespace);

    /// <summary>Whether <see cref="RulesFor"/> leaves rights out.</summary>
    public bool HasUnlistedRights(UserInfo user) => nodes is not null && NodeIdentity.Of(user) is not null;
}
