using System.Text.Json.Nodes;
using Sealos.Objects.Meta;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Validation;

/// <summary>Amounts of resources: what a container asks for and may use.</summary>
internal static class ResourceRules
{
    private static readonly string[] Standard = ["cpu", "memory", "ephemeral-storage"];

    public static void Requirements(JsonObject? resources, string path, ErrorList errors)
    {
        var (limits, requests) = (resources.Child("limits"), resources.Child("requests"));
        ContainerAmounts(limits, $"{path}.limits", errors);
        ContainerAmounts(requests, $"{path}.requests", errors);
        foreach (var (name, request) in requests ?? [])
        {
            Compare(name, request, limits?[name], path, errors);
        }

        foreach (var (name, _) in limits ?? [])
        {
            if (!IsOvercommitable(name) && requests is not null && requests[name] is null)
            {
                errors.Required($"{path}.requests", $"request must be set for non overcommitable resource {name}");
            }
        }

        if (resources.Array("claims") is { Count: > 0 })
        {
            errors.Forbidden($"{path}.claims", "dynamic resource allocation is not supported");
        }
    }

    /// <summary>A list of amounts that may not be negative.</summary>
    public static void Amounts(JsonObject? amounts, string path, ErrorList errors)
    {
        foreach (var (name, amount) in amounts ?? [])
        {
            Amount(name, amount, $"{path}[{name}]", errors);
        }
    }

    /// <summary>One amount: not negative, and whole where parts make no sense.</summary>
    public static void Amount(string name, JsonNode? amount, string path, ErrorList errors)
    {
        if (!Quantity.TryParse(amount.AsText(), out var quantity))
        {
            return;
        }

        if (quantity.Value < 0)
        {
            errors.Invalid(path, quantity.ToString(), "must be greater than or equal to 0");
        }

        if (!IsOvercommitable(name) && !decimal.IsInteger(quantity.Value))
        {
            errors.Invalid(path, quantity.ToString(), "must be an integer");
        }
    }

    private static void ContainerAmounts(JsonObject? amounts, string path, ErrorList errors)
    {
        foreach (var (name, amount) in amounts ?? [])
        {
            var at = $"{path}[{name}]";
            ContainerResource(name, at, errors);
            Amount(name, amount, at, errors);
        }
    }

    /// <summary>The name of something a container can ask for.</summary>
    public static void ContainerResource(string name, string path, ErrorList errors)
    {
        errors.Check(path, name, NameRules.QualifiedName(name));
        if (!name.Contains('/', StringComparison.Ordinal) && !Standard.Contains(name) && !name.StartsWith("hugepages-", StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "must be a standard resource for containers");
        }
    }

    private static void Compare(string name, JsonNode? request, JsonNode? limit, string path, ErrorList errors)
    {
        if (!Quantity.TryParse(request.AsText(), out var asked))
        {
            return;
        }

        if (!Quantity.TryParse(limit.AsText(), out var allowed))
        {
            if (!IsOvercommitable(name))
            {
                errors.Required($"{path}.limits", "Limit must be set for non overcommitable resources");
            }

            return;
        }

        if (!IsOvercommitable(name) && asked.Value != allowed.Value)
        {
            errors.Invalid($"{path}.requests", asked.ToString(), $"must be equal to {name} limit of {allowed}");
        }
        else if (asked.Value > allowed.Value)
        {
            errors.Invalid($"{path}.requests", asked.ToString(), $"must be less than or equal to {name} limit of {allowed}");
        }
    }

    /// <summary>Devices and huge pages are given whole or not at all.</summary>
    public static bool IsOvercommitable(string name) =>
        !name.StartsWith("hugepages-", StringComparison.Ordinal)
        && (!name.Contains('/', StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal));
}
