using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;

namespace Sealos.ApiServer.Authorization;

/// <summary>Nobody may grant what they do not hold. To be asked on every create and update of the four kinds.</summary>
internal sealed class EscalationCheck(RbacIndex index, RbacAuthorizer authorizer)
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>
    /// Null when <paramref name="user"/> may write <paramref name="json"/>; <paramref name="oldJson"/> is the object
    /// before an update, empty for a creation.
    /// </summary>
    public Refusal? Check(UserInfo user, RbacKind kind, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> oldJson)
    {
        if (user.IsMaster || (!oldJson.IsEmpty && ChangesOnlyHousekeeping(json, oldJson)))
        {
            return null;
        }

        return kind is RbacKind.Role or RbacKind.ClusterRole ? CheckRole(user, kind, json, oldJson) : CheckBinding(user, kind, json);
    }

    private Refusal? CheckRole(UserInfo user, RbacKind kind, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> oldJson)
    {
        var role = RbacJson.ReadRole(json);
        var resource = kind == RbacKind.Role ? "roles" : "clusterroles";
        if (May(user, "escalate", resource, role.Name, role.Namespace))
        {
            return null;
        }

        // What an aggregating role will collect is not known, so only who holds everything may have it collect.
        var collects = role.Aggregation is not null || (!oldJson.IsEmpty && RbacJson.ReadRole(oldJson).Aggregation is not null);
        if (kind == RbacKind.ClusterRole && collects && NotHeld(user, null, PolicyRule.Everything).Count > 0)
        {
            return Refusal.Forbidden(Group, resource, role.Name, "must have cluster-admin privileges to use the aggregationRule");
        }

        return Refuse(user, resource, role.Name, NotHeld(user, role.Namespace, role.Rules));
    }

    private Refusal? CheckBinding(UserInfo user, RbacKind kind, ReadOnlyMemory<byte> json)
    {
        var binding = RbacJson.ReadBinding(json);
        var roleResource = binding.RoleKind == "Role" ? "roles" : "clusterroles";
        if (May(user, "bind", roleResource, binding.RoleName, binding.Namespace))
        {
            return null;
        }

        var rules = index.Snapshot.RulesOf(binding);
        return rules is null
            ? Refusal.NotFound(Group, roleResource, binding.RoleName)
            : Refuse(user, kind == RbacKind.RoleBinding ? "rolebindings" : "clusterrolebindings", binding.Name, NotHeld(user, binding.Namespace, rules));
    }

    private bool May(UserInfo user, string verb, string resource, string name, string? @namespace) => authorizer.Authorize(
        new AuthorizationAttributes(user, verb) { Group = Group, Resource = resource, Name = name, Namespace = @namespace }).IsAllowed;

    private List<PolicyRule> NotHeld(UserInfo user, string? @namespace, IReadOnlyList<PolicyRule> rules)
    {
        var held = authorizer.RulesHeldBy(user, @namespace);
        return [.. rules.SelectMany(r => r.Atoms()).Where(atom => !held.Any(h => h.Covers(atom)))];
    }

    private static Refusal? Refuse(UserInfo user, string resource, string name, List<PolicyRule> missing)
    {
        if (missing.Count == 0)
        {
            return null;
        }

        var lines = Compact(missing).Select(r => r.ToString()).Distinct().Order(StringComparer.Ordinal);
        var why = $"user {GoText.Quote(user.Name)} (groups={GoText.Quote(user.Groups)}) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', lines)}";
        return Refusal.Forbidden(Group, resource, name, why);
    }

    // The verbs on one thing in one line, as people wrote them.
    private static IEnumerable<PolicyRule> Compact(List<PolicyRule> atoms) => atoms
        .GroupBy(a => a.NonResourceUrls.Count > 0 ? a.ToString() : (a with { Verbs = [] }).ToString())
        .Select(g => g.First() with { Verbs = [.. g.SelectMany(a => a.Verbs).Distinct()] });

    // Finalizers and owners must be changeable by whoever cleans up, without holding what the role grants.
    private static bool ChangesOnlyHousekeeping(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> oldJson) =>
        JsonNode.DeepEquals(WithoutHousekeeping(json), WithoutHousekeeping(oldJson));

    private static JsonNode? WithoutHousekeeping(ReadOnlyMemory<byte> json)
    {
        var node = JsonNode.Parse(json.Span);
        if (node?["metadata"] is JsonObject metadata)
        {
            foreach (var name in (ReadOnlySpan<string>)["finalizers", "ownerReferences", "managedFields", "resourceVersion", "generation"])
            {
                metadata.Remove(name);
            }
        }

        return node;
    }
}
