using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Authorization;

/// <summary>The rules that a user has in one namespace.</summary>
internal sealed record RuleListing(IReadOnlyList<PolicyRule> ResourceRules, IReadOnlyList<PolicyRule> NonResourceRules);

/// <summary>
/// Decides by roles and bindings: those of the whole cluster, then those of the request's namespace; the first rule
/// that allows wins, nothing denies. <c>system:masters</c> may do everything.
/// </summary>
internal sealed class RbacAuthorizer(RbacIndex index)
{
    public AuthorizationDecision Authorize(AuthorizationAttributes attributes)
    {
        if (attributes.User.IsMaster)
        {
            return new AuthorizationDecision(true, "");
        }

        List<string>? problems = null;
        var snapshot = index.Snapshot;
        foreach (var bound in BindingsOf(snapshot, attributes.User, attributes.Namespace))
        {
            var rules = snapshot.RulesOf(bound.Binding);
            if (rules is null)
            {
                (problems ??= []).Add(Missing(bound.Binding));
                continue;
            }

            for (var i = 0; i < rules.Count; i++)
            {
                if (rules[i].Allows(attributes))
                {
                    return new AuthorizationDecision(true, $"RBAC: allowed by {bound.Binding.Describe(bound.Subject)}");
                }
            }
        }

        return new AuthorizationDecision(false, problems is null ? "" : $"RBAC: {Together(problems)}");
    }

    /// <summary>For SelfSubjectRulesReview.</summary>
    public RuleListing RulesFor(UserInfo user, string? @namespace)
    {
        var rules = RulesHeldBy(user, @namespace);
        return new RuleListing(
            [.. rules.Where(r => r.Resources.Count > 0)],
            [.. rules.Where(r => r.NonResourceUrls.Count > 0)]);
    }

    /// <summary>Every rule that the user holds in the namespace (null: in the whole cluster), each once.</summary>
    public IReadOnlyList<PolicyRule> RulesHeldBy(UserInfo user, string? @namespace)
    {
        var snapshot = index.Snapshot;
        var rules = new Dictionary<string, PolicyRule>();
        IEnumerable<PolicyRule> held = user.IsMaster ? PolicyRule.Everything : [];
        foreach (var rule in held.Concat(BindingsOf(snapshot, user, @namespace).SelectMany(b => snapshot.RulesOf(b.Binding) ?? [])))
        {
            rules.TryAdd(rule.ToString(), rule);
        }

        return [.. rules.Values];
    }

    private static IEnumerable<BoundSubject> BindingsOf(RbacSnapshot snapshot, UserInfo user, string? @namespace)
    {
        var inCluster = BindingsIn(snapshot, user, null);
        return string.IsNullOrEmpty(@namespace) ? inCluster : inCluster.Concat(BindingsIn(snapshot, user, @namespace));
    }

    private static IEnumerable<BoundSubject> BindingsIn(RbacSnapshot snapshot, UserInfo user, string? @namespace)
    {
        foreach (var bound in snapshot.BindingsOf(@namespace, new SubjectKey(false, user.Name)))
        {
            yield return bound;
        }

        foreach (var group in user.Groups)
        {
            foreach (var bound in snapshot.BindingsOf(@namespace, new SubjectKey(true, group)))
            {
                yield return bound;
            }
        }
    }

    private static string Missing(BindingData binding) => binding.RoleKind is "Role" or "ClusterRole"
        ? $"{binding.RoleKind.ToLowerInvariant()}.rbac.authorization.k8s.io {GoText.Quote(binding.RoleName)} not found"
        : $"unsupported role reference kind: {GoText.Quote(binding.RoleKind)}";

    private static string Together(List<string> problems)
    {
        var distinct = problems.Distinct().ToList();
        return distinct.Count == 1 ? distinct[0] : $"[{string.Join(", ", distinct)}]";
    }
}
