using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Roles and bindings.</summary>
internal static class RbacRules
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Role(JsonObject obj, ErrorList errors) => Rules(obj, isNamespaced: true, errors);

    public static void ClusterRole(JsonObject obj, ErrorList errors)
    {
        Rules(obj, isNamespaced: false, errors);
        if (obj.Child("aggregationRule") is not { } aggregation)
        {
            return;
        }

        if (aggregation.Array("clusterRoleSelectors") is not { Count: > 0 })
        {
            errors.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
        }

        var i = 0;
        foreach (var selector in aggregation.Objects("clusterRoleSelectors"))
        {
            SelectorRules.Selector(selector, $"aggregationRule.clusterRoleSelectors[{i++}]", errors);
        }
    }

    public static void RoleBinding(JsonObject obj, ErrorList errors) => Binding(obj, isNamespaced: true, errors);

    public static void ClusterRoleBinding(JsonObject obj, ErrorList errors) => Binding(obj, isNamespaced: false, errors);

    public static void BindingChange(JsonObject obj, JsonObject old, ErrorList errors)
    {
        if (!JsonNode.DeepEquals(obj["roleRef"], old["roleRef"]))
        {
            var role = obj.Child("roleRef");
            errors.InvalidRaw(
                "roleRef",
                $"rbac.RoleRef{{APIGroup:{GoText.Quote(role.Text("apiGroup") ?? "")}, Kind:{GoText.Quote(role.Text("kind") ?? "")}, Name:{GoText.Quote(role.Text("name") ?? "")}}}",
                "cannot change roleRef");
        }
    }

    private static void Rules(JsonObject obj, bool isNamespaced, ErrorList errors)
    {
        var i = 0;
        foreach (var rule in obj.Objects("rules"))
        {
            Rule(rule, $"rules[{i++}]", isNamespaced, errors);
        }
    }

    private static void Rule(JsonObject rule, string path, bool isNamespaced, ErrorList errors)
    {
        bool Has(string field) => rule.Array(field) is { Count: > 0 };
        if (!Has("verbs"))
        {
            errors.Required($"{path}.verbs", "verbs must contain at least one value");
        }

        if (Has("nonResourceURLs"))
        {
            var urls = GoText.Strings(rule.Texts("nonResourceURLs"));
            if (isNamespaced)
            {
                errors.InvalidRaw($"{path}.nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs");
            }

            if (Has("apiGroups") || Has("resources") || Has("resourceNames"))
            {
                errors.InvalidRaw($"{path}.nonResourceURLs", urls, "rules cannot apply to both regular resources and non-resource URLs");
            }

            return;
        }

        if (!Has("apiGroups"))
        {
            errors.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
        }

        if (!Has("resources"))
        {
            errors.Required($"{path}.resources", "resource rules must supply at least one resource");
        }
    }

    private static void Binding(JsonObject obj, bool isNamespaced, ErrorList errors)
    {
        var role = obj.Child("roleRef");
        if (role.Text("apiGroup") is var group && group != Group)
        {
            errors.NotSupported("roleRef.apiGroup", group ?? "", [Group]);
        }

        string[] kinds = isNamespaced ? ["ClusterRole", "Role"] : ["ClusterRole"];
        if (!kinds.Contains(role.Text("kind")))
        {
            errors.NotSupported("roleRef.kind", role.Text("kind") ?? "", kinds);
        }

        errors.CheckRequired("roleRef.name", role.Text("name"), NameRules.PathSegment);
        var i = 0;
        foreach (var subject in obj.Objects("subjects"))
        {
            Subject(subject, $"subjects[{i++}]", isNamespaced, errors);
        }
    }

    private static void Subject(JsonObject subject, string path, bool isNamespaced, ErrorList errors)
    {
        errors.CheckRequired($"{path}.name", subject.Text("name"));
        var (group, name) = (subject.Text("apiGroup") ?? "", subject.Text("name") ?? "");
        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                if (name.Length > 0)
                {
                    errors.Check($"{path}.name", name, NameRules.DnsSubdomain(name));
                }

                if (group.Length > 0)
                {
                    errors.NotSupported($"{path}.apiGroup", group, [""]);
                }

                if (!isNamespaced && string.IsNullOrEmpty(subject.Text("namespace")))
                {
                    errors.Required($"{path}.namespace");
                }

                break;
            case "User" or "Group":
                if (group != Group)
                {
                    errors.NotSupported($"{path}.apiGroup", group, [Group]);
                }

                break;
            case var kind:
                errors.NotSupported($"{path}.kind", kind ?? "", ["Group", "ServiceAccount", "User"]);
                break;
        }
    }
}
