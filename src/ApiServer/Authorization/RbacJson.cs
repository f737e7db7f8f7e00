using System.Text.Json;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Authorization;

/// <summary>Reads the four kinds from their JSON; what is missing is empty, as in Go.</summary>
internal static class RbacJson
{
    // Thousands of workspaces have the same few roles.
    private static readonly RecentValues<IReadOnlyList<PolicyRule>> KnownRules = new(256, ReadRules);

    public static RoleData ReadRole(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var metadata = Child(root, "metadata");
        return new RoleData(OptionalText(metadata, "namespace"), Text(metadata, "name"))
        {
            Rules = root.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array ? KnownRules.Get(rules.GetRawText()) : [],
            Labels = Pairs(metadata, "labels").ToDictionary(p => p.Key, p => p.Value),
            Aggregation = Child(root, "aggregationRule") is { ValueKind: JsonValueKind.Object } aggregation
                ? [.. Items(aggregation, "clusterRoleSelectors").Select(ReadSelector)]
                : null,
        };
    }

    public static BindingData ReadBinding(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var metadata = Child(root, "metadata");
        var @namespace = OptionalText(metadata, "namespace");
        var role = Child(root, "roleRef");
        var subjects = Items(root, "subjects").Select(s => new SubjectData(
            Text(s, "kind"), OptionalText(s, "namespace") ?? @namespace ?? "", Text(s, "name")));
        return new BindingData(@namespace, Text(metadata, "name"), Text(role, "kind"), Text(role, "name"), [.. subjects]);
    }

    private static IReadOnlyList<PolicyRule> ReadRules(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(ReadRule)];
    }

    private static PolicyRule ReadRule(JsonElement rule) => new()
    {
        Verbs = Texts(rule, "verbs"),
        ApiGroups = Texts(rule, "apiGroups"),
        Resources = Texts(rule, "resources"),
        ResourceNames = Texts(rule, "resourceNames"),
        NonResourceUrls = Texts(rule, "nonResourceURLs"),
    };

    private static LabelRequirements ReadSelector(JsonElement selector)
    {
        var labels = Pairs(selector, "matchLabels").Select(p => new LabelRequirement(p.Key, "In", [p.Value]));
        var expressions = Items(selector, "matchExpressions").Select(e => new LabelRequirement(Text(e, "key"), Text(e, "operator"), Texts(e, "values")));
        return new LabelRequirements([.. labels.Concat(expressions)]);
    }

    private static JsonElement Child(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) ? child : default;

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        Child(parent, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static IEnumerable<KeyValuePair<string, string>> Pairs(JsonElement parent, string name) =>
        Child(parent, name) is { ValueKind: JsonValueKind.Object } map
            ? map.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.ValueKind == JsonValueKind.String ? StringPool.Get(p.Value.GetString()) : ""))
            : [];

    private static IReadOnlyList<string> Texts(JsonElement parent, string name) =>
        [.. Items(parent, name).Where(i => i.ValueKind == JsonValueKind.String).Select(i => StringPool.Get(i.GetString()))];

    private static string Text(JsonElement parent, string name) => OptionalText(parent, name) ?? "";

    private static string? OptionalText(JsonElement parent, string name) =>
        Child(parent, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value ? StringPool.Get(value) : null;
}
