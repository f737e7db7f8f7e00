using System.Collections.Immutable;

namespace Sealos.ApiServer.Authorization;

/// <summary>Works out the rules of cluster roles that collect those of others, which may collect themselves.</summary>
internal static class RoleAggregation
{
    public static ImmutableDictionary<string, IReadOnlyList<PolicyRule>> Collect(
        IReadOnlyDictionary<(string? Namespace, string Name), RoleData> roles)
    {
        var clusterRoles = roles.Values.Where(r => r.Namespace is null).OrderBy(r => r.Name, StringComparer.Ordinal).ToList();
        return clusterRoles.Where(r => r.Aggregation is not null).ToImmutableDictionary(r => r.Name, r => RulesOf(r, clusterRoles));
    }

    public static IReadOnlyList<PolicyRule> RulesOf(RoleData role, IReadOnlyList<RoleData> clusterRoles)
    {
        var rules = new Dictionary<string, PolicyRule>();
        var seen = new HashSet<string> { role.Name };
        AddFrom(role);
        return [.. rules.Values];

        void AddFrom(RoleData collector)
        {
            foreach (var other in clusterRoles)
            {
                if (!collector.Aggregation!.Any(s => s.Matches(other.Labels)) || !seen.Add(other.Name))
                {
                    continue;
                }

                if (other.Aggregation is not null)
                {
                    AddFrom(other);
                    continue;
                }

                foreach (var rule in other.Rules)
                {
                    rules.TryAdd(rule.ToString(), rule);
                }
            }
        }
    }
}
