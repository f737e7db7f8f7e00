using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>What quotas can limit, and for which objects.</summary>
internal static class QuotaRules
{
    private const string NotForResource = "unsupported scope applied to resource";
    private static readonly string[] Compute = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];
    private static readonly string[] Counts =
        ["configmaps", "persistentvolumeclaims", "pods", "replicationcontrollers", "resourcequotas", "secrets", "services", "services.loadbalancers", "services.nodeports"];

    private static readonly string[] Others =
        ["ephemeral-storage", "limits.ephemeral-storage", "requests.ephemeral-storage", "requests.storage"];

    private static readonly (string One, string Other)[] Opposites = [("BestEffort", "NotBestEffort"), ("NotTerminating", "Terminating")];

    public static void Check(JsonObject obj, ErrorList errors)
    {
        var spec = obj.Child("spec");
        Amounts(spec.Child("hard"), "spec.hard", errors);
        Amounts(obj.Child("status", "hard"), "status.hard", errors);
        Amounts(obj.Child("status", "used"), "status.used", errors);
        Scopes(spec, errors);
        if (spec.Child("scopeSelector") is { } selector)
        {
            Selector(spec!, selector, errors);
        }
    }

    public static void Change(JsonObject obj, JsonObject old, ErrorList errors)
    {
        var (scopes, before) = (obj.Child("spec").Texts("scopes").ToHashSet(), old.Child("spec").Texts("scopes").ToHashSet());
        if (!scopes.SetEquals(before))
        {
            errors.InvalidRaw("spec.scopes", Printed(obj.Child("spec")), "field is immutable");
        }
    }

    private static void Amounts(JsonObject? amounts, string path, ErrorList errors)
    {
        foreach (var (name, amount) in amounts ?? [])
        {
            var at = $"{path}[{name}]";
            errors.Check(at, name, NameRules.QualifiedName(name));
            if (!name.Contains('/', StringComparison.Ordinal) && !IsStandard(name))
            {
                errors.Invalid(at, name, "must be a standard resource for quota");
            }

            if (!Quantity.TryParse(amount.AsText(), out var quantity))
            {
                continue;
            }

            if (quantity.Value < 0)
            {
                errors.Invalid(at, quantity.ToString(), "must be greater than or equal to 0");
            }

            if (IsCount(name) && !decimal.IsInteger(quantity.Value))
            {
                errors.Invalid(at, quantity.ToString(), "must be an integer");
            }
        }
    }

    private static void Scopes(JsonObject? spec, ErrorList errors)
    {
        var scopes = spec.Texts("scopes").ToList();
        foreach (var _ in scopes.SelectMany(scope => Unfit(spec!, scope)))
        {
            errors.InvalidRaw("spec.scopes", Printed(spec), NotForResource);
        }

        foreach (var _ in Opposites.Where(pair => scopes.Contains(pair.One) && scopes.Contains(pair.Other)))
        {
            errors.InvalidRaw("spec.scopes", Printed(spec), "conflicting scopes");
        }
    }

    private static void Selector(JsonObject spec, JsonObject selector, ErrorList errors)
    {
        const string Path = "spec.scopeSelector.matchExpressions";
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var expression in selector.Objects("matchExpressions"))
        {
            var (scope, op) = (expression.Text("scopeName") ?? "", expression.Text("operator") ?? "");
            var values = expression.Array("values")?.Count ?? 0;
            names.Add(scope);
            foreach (var _ in Unfit(spec, scope))
            {
                errors.Invalid(Path, selector, NotForResource);
            }

            if (scope != "PriorityClass" && op != "Exists")
            {
                errors.Invalid($"{Path}.operator", op, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
            }

            if (op is "In" or "NotIn" && values == 0)
            {
                errors.Required($"{Path}.values", "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
            }
            else if (op is "Exists" or "DoesNotExist" && values > 0)
            {
                errors.Invalid($"{Path}.values", expression["values"], "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
            }
        }

        foreach (var _ in Opposites.Where(pair => names.Contains(pair.One) && names.Contains(pair.Other)))
        {
            errors.InvalidRaw(Path, Printed(spec), "conflicting scopes");
        }
    }

    /// <summary>What the quota limits that objects in that scope do not have.</summary>
    private static IEnumerable<string> Unfit(JsonObject spec, string scope) =>
        (spec.Child("hard") ?? []).Select(p => p.Key).Where(name => IsStandard(name) && name != "pods" && (scope == "BestEffort" || !Compute.Contains(name)));

    private static string Printed(JsonObject? spec) => spec?["scopes"] is null
        ? "[]core.ResourceQuotaScope(nil)"
        : $"[]core.ResourceQuotaScope{{{string.Join(", ", spec.Texts("scopes").Select(GoText.Quote))}}}";

    private static bool IsStandard(string name) =>
        Compute.Contains(name) || Counts.Contains(name) || Others.Contains(name)
        || name.StartsWith("hugepages-", StringComparison.Ordinal) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);

    private static bool IsCount(string name) => Counts.Contains(name) || name.StartsWith("count/", StringComparison.Ordinal);
}
