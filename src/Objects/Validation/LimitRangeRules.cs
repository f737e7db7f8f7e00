using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Limits must not contradict each other.</summary>
internal static class LimitRangeRules
{
    private static readonly string[] Types = ["Container", "PersistentVolumeClaim", "Pod"];
    private static readonly string[] Lists = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

    // Which amount may not be more than which other, where the error stands, and what the two are called.
    private static readonly (string Low, string High, string At, string LowName, string HighName)[] Orders =
    [
        ("min", "max", "min", "min value", "max value"),
        ("min", "defaultRequest", "defaultRequest", "min value", "default request value"),
        ("defaultRequest", "max", "defaultRequest", "default request value", "max value"),
        ("defaultRequest", "default", "defaultRequest", "default request value", "default limit value"),
        ("min", "default", "default", "min value", "default value"),
        ("default", "max", "default", "default value", "max value"),
    ];

    public static void Check(JsonObject obj, ErrorList errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var limit in obj.Child("spec").Objects("limits"))
        {
            var path = $"spec.limits[{i++}]";
            var type = limit.Text("type") ?? "";
            Type(type, path, errors);
            if (!types.Add(type))
            {
                errors.Duplicate($"{path}.type", type);
            }

            Limit(limit, type, path, errors);
        }
    }

    private static void Type(string type, string path, ErrorList errors)
    {
        var before = errors.Count;
        errors.Check($"{path}.type", type, NameRules.QualifiedName(type));
        if (errors.Count == before && !type.Contains('/', StringComparison.Ordinal) && !Types.Contains(type))
        {
            errors.Invalid($"{path}.type", type, "must be a standard limit type or fully qualified");
        }
    }

    private static void Limit(JsonObject limit, string type, string path, ErrorList errors)
    {
        foreach (var list in Lists)
        {
            if (type == "Pod" && list is "default" or "defaultRequest" && limit.Child(list) is { Count: > 0 })
            {
                errors.Forbidden($"{path}.{list}", "may not be specified when `type` is 'Pod'");
                continue;
            }

            foreach (var (name, _) in limit.Child(list) ?? [])
            {
                Name(name, type, $"{path}.{list}[{name}]", errors);
            }
        }

        if (type == "PersistentVolumeClaim" && limit.Child("min")?["storage"] is null && limit.Child("max")?["storage"] is null)
        {
            errors.Required($"{path}.limits", "either minimum or maximum storage value is required, but neither was provided");
        }

        foreach (var name in Lists.SelectMany(list => limit.Child(list) ?? []).Select(p => p.Key).Distinct().ToList())
        {
            Amounts(limit, name, path, errors);
        }
    }

    private static void Name(string name, string type, string path, ErrorList errors)
    {
        if (type is "Pod" or "Container")
        {
            ResourceRules.ContainerResource(name, path, errors);
        }
        else
        {
            errors.Check(path, name, NameRules.QualifiedName(name));
        }
    }

    private static void Amounts(JsonObject limit, string name, string path, ErrorList errors)
    {
        foreach (var (lowList, highList, at, lowName, highName) in Orders)
        {
            if (Find(limit, lowList, name) is { } low && Find(limit, highList, name) is { } high && low.Value > high.Value)
            {
                errors.Invalid($"{path}.{at}[{name}]", (at == lowList ? low : high).ToString(), $"{lowName} {low} is greater than {highName} {high}");
            }
        }

        Ratio(limit, name, path, errors);
        if (!ResourceRules.IsOvercommitable(name) && Find(limit, "default", name) is { } byDefault && Find(limit, "defaultRequest", name) is { } request && byDefault.Value != request.Value)
        {
            errors.Invalid($"{path}.defaultRequest[{name}]", request.ToString(), $"default value {byDefault} must equal to defaultRequest value {request} in {name}");
        }
    }

    private static void Ratio(JsonObject limit, string name, string path, ErrorList errors)
    {
        if (Find(limit, "maxLimitRequestRatio", name) is not { } ratio)
        {
            return;
        }

        var at = $"{path}.maxLimitRequestRatio[{name}]";
        if (ratio.Value < 1)
        {
            errors.Invalid(at, ratio.ToString(), $"ratio {ratio} is less than 1");
        }

        if (Find(limit, "min", name) is { Value: > 0 } min && Find(limit, "max", name) is { } max && ratio.Value > max.Value / min.Value)
        {
            errors.Invalid(at, ratio.ToString(), $"ratio {ratio} is greater than max/min = {(max.Value / min.Value).ToString("F6", CultureInfo.InvariantCulture)}");
        }
    }

    private static Quantity? Find(JsonObject limit, string list, string name) =>
        Quantity.TryParse(limit.Child(list).Text(name), out var quantity) ? quantity : null;
}
