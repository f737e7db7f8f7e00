using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Where a pod may run: tolerations, affinity, spreading.</summary>
internal static class SchedulingRules
{
    private static readonly string[] PodTerms = ["podAffinity", "podAntiAffinity"];

    public static void Check(JsonObject spec, string path, ErrorList errors)
    {
        Tolerations(spec, $"{path}.tolerations", errors);
        NodeAffinity(spec.Child("affinity", "nodeAffinity"), $"{path}.affinity.nodeAffinity", errors);
        foreach (var kind in PodTerms)
        {
            PodAffinity(spec.Child("affinity", kind), $"{path}.affinity.{kind}", errors);
        }

        Spreading(spec, $"{path}.topologySpreadConstraints", errors);
    }

    public static void Tolerations(JsonObject spec, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var toleration in spec.Objects("tolerations"))
        {
            var at = $"{path}[{i++}]";
            var key = toleration.Text("key") ?? "";
            var op = toleration.Text("operator");
            if (key.Length > 0)
            {
                errors.Check($"{at}.key", key, NameRules.QualifiedName(key));
            }
            else if (op != "Exists")
            {
                errors.Invalid($"{at}.operator", op ?? "", "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (toleration["tolerationSeconds"] is not null && toleration.Text("effect") != "NoExecute")
            {
                errors.Invalid($"{at}.effect", toleration.Text("effect") ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }

            var value = toleration.Text("value") ?? "";
            if (op == "Exists" && value.Length > 0)
            {
                errors.Invalid($"{at}.operator", toleration, "value must be empty when `operator` is 'Exists'");
            }
            else if (op != "Exists")
            {
                errors.Check($"{at}.operator", value, NameRules.LabelValue(value));
            }
        }
    }

    private static void NodeAffinity(JsonObject? affinity, string path, ErrorList errors)
    {
        const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
        const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        if (affinity.Child(Required) is { } selector)
        {
            NodeSelector(selector, $"{path}.{Required}", errors);
        }

        var i = 0;
        foreach (var term in affinity.Objects(Preferred))
        {
            var at = $"{path}.{Preferred}[{i++}]";
            Weight(term, at, errors);
            NodeTerm(term.Child("preference"), $"{at}.preference", errors);
        }
    }

    /// <summary>A required node selector, which volumes have too.</summary>
    public static void NodeSelector(JsonObject selector, string path, ErrorList errors)
    {
        if (selector.Array("nodeSelectorTerms") is not { Count: > 0 })
        {
            errors.Required($"{path}.nodeSelectorTerms", "must have at least one node selector term");
        }

        var i = 0;
        foreach (var term in selector.Objects("nodeSelectorTerms"))
        {
            NodeTerm(term, $"{path}.nodeSelectorTerms[{i++}]", errors);
        }
    }

    private static void NodeTerm(JsonObject? term, string path, ErrorList errors)
    {
        var i = 0;
        foreach (var requirement in term.Objects("matchExpressions"))
        {
            var at = $"{path}.matchExpressions[{i++}]";
            NodeRequirement(requirement, at, errors);
            errors.Check($"{at}.key", requirement.Text("key") ?? "", NameRules.QualifiedName(requirement.Text("key") ?? ""));
        }

        i = 0;
        foreach (var requirement in term.Objects("matchFields"))
        {
            var at = $"{path}.matchFields[{i++}]";
            if (requirement.Text("key") != "metadata.name")
            {
                errors.Invalid($"{at}.key", requirement.Text("key") ?? "", "not a valid field selector key");
            }

            if (requirement.Text("operator") is not ("In" or "NotIn"))
            {
                errors.Invalid($"{at}.operator", requirement.Text("operator") ?? "", "not a valid selector operator");
            }
            else if (requirement.Array("values") is not { Count: 1 })
            {
                errors.Required($"{at}.values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }
        }
    }

    private static void NodeRequirement(JsonObject requirement, string path, ErrorList errors)
    {
        var values = requirement.Array("values")?.Count ?? 0;
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn" when values == 0:
                errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when values > 0:
                errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Gt" or "Lt" when values != 1:
                errors.Required($"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist" or "Gt" or "Lt":
                break;
            case var unknown:
                errors.Invalid($"{path}.operator", unknown ?? "", "not a valid selector operator");
                break;
        }
    }

    private static void PodAffinity(JsonObject? affinity, string path, ErrorList errors)
    {
        const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
        const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        var i = 0;
        foreach (var term in affinity.Objects(Required))
        {
            PodTerm(term, $"{path}.{Required}[{i++}]", errors);
        }

        i = 0;
        foreach (var weighted in affinity.Objects(Preferred))
        {
            var at = $"{path}.{Preferred}[{i++}]";
            Weight(weighted, at, errors);
            PodTerm(weighted.Child("podAffinityTerm") ?? [], $"{at}.podAffinityTerm", errors);
        }
    }

    private static void PodTerm(JsonObject term, string path, ErrorList errors)
    {
        SelectorRules.Selector(term.Child("labelSelector"), $"{path}.labelSelector", errors);
        SelectorRules.Selector(term.Child("namespaceSelector"), $"{path}.namespaceSelector", errors);
        foreach (var name in term.Texts("namespaces"))
        {
            errors.Check($"{path}.namespace", name, NameRules.DnsLabel(name));
        }

        TopologyKey(term, path, errors, "can not be empty");
    }

    private static void Weight(JsonObject term, string path, ErrorList errors)
    {
        if (term.Number("weight") is not (>= 1 and <= 100))
        {
            errors.Invalid($"{path}.weight", term.Number("weight") ?? 0, "must be in the range 1-100");
        }
    }

    private static void Spreading(JsonObject spec, string path, ErrorList errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var constraint in spec.Objects("topologySpreadConstraints"))
        {
            var at = $"{path}[{i++}]";
            if (constraint.Number("maxSkew") is not > 0)
            {
                errors.Invalid($"{at}.maxSkew", constraint.Number("maxSkew") ?? 0, "must be greater than zero");
            }

            TopologyKey(constraint, at, errors, "can not be empty");
            if (string.IsNullOrEmpty(constraint.Text("whenUnsatisfiable")))
            {
                errors.NotSupported($"{at}.whenUnsatisfiable", "", ["DoNotSchedule", "ScheduleAnyway"]);
            }

            var pair = $"{{{constraint.Text("topologyKey")}, {constraint.Text("whenUnsatisfiable")}}}";
            if (!seen.Add(pair))
            {
                errors.DuplicateRaw($"{at}.{{topologyKey, whenUnsatisfiable}}", pair);
            }

            if (constraint.Number("minDomains") is { } domains)
            {
                MinDomains(constraint, domains, at, errors);
            }

            SelectorRules.Selector(constraint.Child("labelSelector"), $"{at}.labelSelector", errors);
        }
    }

    private static void MinDomains(JsonObject constraint, long domains, string path, ErrorList errors)
    {
        if (domains <= 0)
        {
            errors.Invalid($"{path}.minDomains", domains, "must be greater than zero");
        }

        if (constraint.Text("whenUnsatisfiable") != "DoNotSchedule")
        {
            errors.Invalid($"{path}.minDomains", domains, $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {constraint.Text("whenUnsatisfiable")}");
        }
    }

    private static void TopologyKey(JsonObject holder, string path, ErrorList errors, string whenEmpty)
    {
        var key = holder.Text("topologyKey") ?? "";
        if (key.Length == 0)
        {
            errors.Required($"{path}.topologyKey", whenEmpty);
        }
        else
        {
            errors.Check($"{path}.topologyKey", key, NameRules.QualifiedName(key));
        }
    }
}
