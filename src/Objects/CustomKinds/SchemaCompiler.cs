using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.CustomKinds;

/// <summary>Makes nodes of a schema as a CustomResourceDefinition carries it. The schema was found to be sound before.</summary>
public static class SchemaCompiler
{
    /// <summary>The most nodes a schema of one version may have: some hundred megabytes would be the memory of more.</summary>
    public const int MaxNodes = 200_000;

    /// <summary>Compiles a whole schema.</summary>
    public static SchemaNode Compile(JsonObject schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return Node(schema);
    }

    private static SchemaNode Node(JsonObject schema)
    {
        var type = schema.Text("type") ?? "";
        var properties = Properties(schema);
        var additional = schema["additionalProperties"] is JsonObject other ? Node(other) : null;
        var items = schema["items"] is JsonObject item ? Node(item) : null;
        var byDefault = schema["default"];
        return new SchemaNode
        {
            Type = type,
            Format = SchemaFormats.Known(type, schema.Text("format")),
            Properties = properties,
            Additional = additional,
            AllowsAdditional = additional is not null || schema.Flag("additionalProperties") == true,
            Items = items,
            IsNullable = schema.Flag("nullable") == true,
            PreservesUnknown = schema.Flag("x-kubernetes-preserve-unknown-fields") == true,
            IsEmbedded = schema.Flag("x-kubernetes-embedded-resource") == true,
            IsIntOrString = schema.Flag("x-kubernetes-int-or-string") == true,
            ListType = schema.Text("x-kubernetes-list-type"),
            ListKeys = [.. schema.Texts("x-kubernetes-list-map-keys")],
            MapType = schema.Text("x-kubernetes-map-type"),
            Default = byDefault?.DeepClone(),
            DefaultWeight = byDefault is null ? 0 : Weigh(byDefault),
            HasDefaults = byDefault is not null || additional is { HasDefaults: true } || items is { HasDefaults: true } || properties.Values.Any(p => p.HasDefaults),
            Rules = ValueRules.Read(schema, Node),
        };
    }

    private static Dictionary<string, SchemaNode> Properties(JsonObject schema)
    {
        var properties = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        foreach (var (name, property) in schema.Child("properties") ?? [])
        {
            properties[name] = Node(property as JsonObject ?? []);
        }

        return properties;
    }

    private static int Weigh(JsonNode? node) => node switch
    {
        JsonObject obj => 16 + obj.Sum(p => p.Key.Length + Weigh(p.Value)),
        JsonArray array => 16 + array.Sum(Weigh),
        _ => 16 + (node.AsText()?.Length ?? 0),
    };
}
