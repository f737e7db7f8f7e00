using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.CustomKinds;

/// <summary>
/// One node of a custom kind's schema, compiled and never changed: what fields there are, and what their values must be.
/// The nodes below allOf, anyOf, oneOf and not have the same form, but only judge.
/// </summary>
public sealed class SchemaNode
{
    private static readonly Dictionary<string, SchemaNode> NoProperties = [];

    /// <summary>The JSON type: <c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>; empty for any.</summary>
    public string Type { get; init; } = "";

    /// <summary>The format, or empty when there is none that is known for the type.</summary>
    public string Format { get; init; } = "";

    /// <summary>The fields of an object.</summary>
    public IReadOnlyDictionary<string, SchemaNode> Properties { get; init; } = NoProperties;

    /// <summary>Whether an object may have fields of any name.</summary>
    public bool AllowsAdditional { get; init; }

    /// <summary>What is in fields of any name; null when <see cref="AllowsAdditional"/> says nothing about their values.</summary>
    public SchemaNode? Additional { get; init; }

    /// <summary>The items of a list.</summary>
    public SchemaNode? Items { get; init; }

    /// <summary>Whether null is a value.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Whether unknown fields stay (x-kubernetes-preserve-unknown-fields).</summary>
    public bool PreservesUnknown { get; init; }

    /// <summary>Whether the value is an object with apiVersion, kind and metadata (x-kubernetes-embedded-resource).</summary>
    public bool IsEmbedded { get; init; }

    /// <summary>Whether the value is an integer or a string (x-kubernetes-int-or-string).</summary>
    public bool IsIntOrString { get; init; }

    /// <summary>x-kubernetes-list-type: <c>atomic</c>, <c>set</c>, <c>map</c>, or null.</summary>
    public string? ListType { get; init; }

    /// <summary>x-kubernetes-list-map-keys.</summary>
    public IReadOnlyList<string> ListKeys { get; init; } = [];

    /// <summary>x-kubernetes-map-type: <c>granular</c>, <c>atomic</c>, or null.</summary>
    public string? MapType { get; init; }

    /// <summary>The default, or null when there is none. Shared: clone before use.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>What a default costs, in nodes and characters.</summary>
    public int DefaultWeight { get; init; }

    /// <summary>Whether this node or one below it has a default, or null values that must go.</summary>
    public bool HasDefaults { get; init; }

    /// <summary>What values must be beyond their type.</summary>
    public ValueRules? Rules { get; init; }

    /// <summary>The node of an object's field, or null when the field is unknown.</summary>
    public SchemaNode? Field(string name) => Properties.TryGetValue(name, out var node) ? node : Additional;
}

/// <summary>What the value at a node must be beyond its type.</summary>
public sealed class ValueRules
{
    internal double? Maximum { get; init; }

    internal bool IsMaximumExclusive { get; init; }

    internal double? Minimum { get; init; }

    internal bool IsMinimumExclusive { get; init; }

    internal double? MultipleOf { get; init; }

    internal long? MaxLength { get; init; }

    internal long? MinLength { get; init; }

    internal GoRegex? Pattern { get; init; }

    internal long? MaxItems { get; init; }

    internal long? MinItems { get; init; }

    internal bool IsUnique { get; init; }

    internal long? MaxProperties { get; init; }

    internal long? MinProperties { get; init; }

    internal IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The values allowed, or null when any is.</summary>
    internal IReadOnlyList<JsonNode?>? Enum { get; init; }

    internal IReadOnlyList<SchemaNode> AllOf { get; init; } = [];

    internal IReadOnlyList<SchemaNode> AnyOf { get; init; } = [];

    internal IReadOnlyList<SchemaNode> OneOf { get; init; } = [];

    internal SchemaNode? Not { get; init; }

    internal static ValueRules? Read(JsonObject schema, Func<JsonObject, SchemaNode> compile)
    {
        var rules = new ValueRules
        {
            Maximum = Float(schema, "maximum"),
            IsMaximumExclusive = schema.Flag("exclusiveMaximum") == true,
            Minimum = Float(schema, "minimum"),
            IsMinimumExclusive = schema.Flag("exclusiveMinimum") == true,
            MultipleOf = Float(schema, "multipleOf"),
            MaxLength = schema.Number("maxLength"),
            MinLength = schema.Number("minLength"),
            Pattern = schema.Text("pattern") is { Length: > 0 } pattern ? new GoRegex(pattern) : null,
            MaxItems = schema.Number("maxItems"),
            MinItems = schema.Number("minItems"),
            IsUnique = schema.Flag("uniqueItems") == true,
            MaxProperties = schema.Number("maxProperties"),
            MinProperties = schema.Number("minProperties"),
            Required = [.. schema.Texts("required")],
            Enum = schema.Array("enum") is { Count: > 0 } values ? [.. values] : null,
            AllOf = [.. schema.Objects("allOf").Select(compile)],
            AnyOf = [.. schema.Objects("anyOf").Select(compile)],
            OneOf = [.. schema.Objects("oneOf").Select(compile)],
            Not = schema["not"] is JsonObject not ? compile(not) : null,
        };
        return rules.IsEmpty ? null : rules;
    }

    private bool IsEmpty => Maximum is null && Minimum is null && MultipleOf is null && MaxLength is null && MinLength is null && Pattern is null
        && MaxItems is null && MinItems is null && !IsUnique && MaxProperties is null && MinProperties is null
        && Required.Count == 0 && Enum is null && AllOf.Count == 0 && AnyOf.Count == 0 && OneOf.Count == 0 && Not is null;

    private static double? Float(JsonObject schema, string name) =>
        schema[name] is JsonValue value && double.TryParse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
