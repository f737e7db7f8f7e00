using System.Text.Json.Nodes;
using Sealos.ApiServer.CustomKinds;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Discovery;

/// <summary>The published schemas of custom kinds: those of their definitions, with what every object has.</summary>
internal sealed class CustomOpenApi(IReadOnlyDictionary<string, CustomVersion> versions)
{
    private const string ListSuffix = "List";

    public static readonly CustomOpenApi None = new(new Dictionary<string, CustomVersion>());

    /// <summary>Whether a type is the list of a custom kind.</summary>
    public static bool IsList(string type, CustomOpenApi custom) => !custom.Has(type);

    /// <summary>What changes whenever a kind's schema does.</summary>
    public string Fingerprint(KindSchema kind) => versions.TryGetValue(kind.Type, out var version)
        ? $" {version.Definition.Source.Uid} {version.Definition.Generation} {version.Definition.ListKind}"
        : "";

    public string ListKind(KindSchema kind) => versions.TryGetValue(kind.Type, out var version) ? version.Definition.ListKind : kind.Kind + ListSuffix;

    /// <summary>The schema of a custom kind or of its list.</summary>
    public JsonObject Schema(string type, OpenApiVersion form, JsonObject kind, FieldDescriptions descriptions)
    {
        var marks = new JsonArray(kind);
        return versions.TryGetValue(type, out var version)
            ? OfObject(version, form, marks, descriptions)
            : OfList(type[..^ListSuffix.Length], form, marks, descriptions);
    }

    private bool Has(string type) => versions.ContainsKey(type);

    private static JsonObject OfObject(CustomVersion version, OpenApiVersion form, JsonArray marks, FieldDescriptions descriptions)
    {
        var schema = DefinitionOutline.Schema(version.Definition.Source.Utf8, version.Index);
        if (form == OpenApiVersion.Two && schema.Flag("x-kubernetes-preserve-unknown-fields") == true)
        {
            return new JsonObject { ["type"] = "object", ["x-kubernetes-group-version-kind"] = marks };
        }

        if (form == OpenApiVersion.Two)
        {
            Simplify(schema);
        }

        if (schema["properties"] is not JsonObject properties)
        {
            schema["properties"] = properties = [];
        }

        AddCommon(properties, Reference(OpenApiNames.ObjectMeta, form), descriptions);
        schema["x-kubernetes-group-version-kind"] = marks;
        return schema;
    }

    private static JsonObject OfList(string item, OpenApiVersion form, JsonArray marks, FieldDescriptions descriptions)
    {
        var properties = new JsonObject
        {
            ["items"] = new JsonObject
            {
                ["type"] = "array",
                ["description"] = "The objects.",
                ["items"] = new JsonObject { ["$ref"] = OpenApiNames.Reference(OpenApiNames.Of(item), form) },
            },
        };
        AddCommon(properties, Reference(OpenApiNames.ListMeta, form), descriptions);
        return new JsonObject { ["type"] = "object", ["required"] = new JsonArray("items"), ["properties"] = properties, ["x-kubernetes-group-version-kind"] = marks };
    }

    private static void AddCommon(JsonObject properties, JsonObject metadata, FieldDescriptions descriptions)
    {
        metadata["description"] = descriptions.Of("metadata");
        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = descriptions.Of("apiVersion") };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = descriptions.Of("kind") };
        properties["metadata"] = metadata;
    }

    /// <summary>Nothing may stand beside a bare reference in version 3.</summary>
    private static JsonObject Reference(string type, OpenApiVersion form)
    {
        var reference = new JsonObject { ["$ref"] = OpenApiNames.Reference(OpenApiNames.Of(type), form) };
        return form == OpenApiVersion.Two ? reference : new JsonObject { ["allOf"] = new JsonArray(reference) };
    }

    /// <summary>Leaves what version 2 can say, in the way its readers can bear.</summary>
    private static void Simplify(JsonObject schema)
    {
        foreach (var name in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf", "not"])
        {
            schema.Remove(name);
        }

        var isNullable = schema.Remove("nullable");
        var keepsUnknown = schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
        if (isNullable || keepsUnknown)
        {
            schema.Remove("items");
            schema.Remove("properties");
        }

        if (isNullable || (keepsUnknown && schema.Text("type") == "object") || (schema.Text("type") == "array" && schema["items"] is null))
        {
            schema.Remove("type");
        }

        foreach (var (name, property) in schema.Child("properties") ?? [])
        {
            if (property is JsonObject below)
            {
                if (below.Flag("nullable") == true)
                {
                    DropRequired(schema, name);
                }

                Simplify(below);
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["items", "additionalProperties"])
        {
            if (schema[name] is JsonObject below)
            {
                Simplify(below);
            }
        }
    }

    private static void DropRequired(JsonObject schema, string name)
    {
        if (schema["required"] is JsonArray)
        {
            schema["required"] = new JsonArray([.. schema.Texts("required").Where(r => r != name).Select(r => (JsonNode)r)]);
        }
    }
}
