using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>Takes away what a schema does not know, and checks and cleans the metadata of objects and of those inside them.</summary>
internal sealed class CustomPruner
{
    private static readonly TypeSchema MetadataType = KubeSchema.Default.GetType("meta/v1.ObjectMeta");

    private readonly List<string> _unknown = [];

    /// <summary>Changes the object in place.</summary>
    /// <returns>The paths of what was removed.</returns>
    public static List<string> Prune(JsonObject obj, SchemaNode schema)
    {
        var pruner = new CustomPruner();
        pruner.PruneObject(obj, schema, "", isEmbedded: true, schema.PreservesUnknown);
        pruner._unknown.Sort(StringComparer.Ordinal);
        return pruner._unknown;
    }

    /// <summary>Removes what a default carries that its node does not know; true when there was something.</summary>
    public static bool PruneDefault(JsonNode value, SchemaNode schema)
    {
        var pruner = new CustomPruner();
        pruner.PruneValue(value, schema, "");
        return pruner._unknown.Count > 0;
    }

    /// <summary>Cleans the metadata of an object and of embedded ones; the message about the first of a wrong type, or null.</summary>
    public static string? CleanMetadata(JsonNode? node, SchemaNode? schema, bool isRoot, List<string> unknown) =>
        new MetadataCleaner(unknown).Clean(node, schema, isRoot, "");

    private static bool IsMeta(string name) => name is "apiVersion" or "kind" or "metadata";

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private void PruneValue(JsonNode? value, SchemaNode? schema, string path, bool keeps = false)
    {
        keeps |= schema is { PreservesUnknown: true };
        switch (value)
        {
            case JsonObject obj:
                PruneObject(obj, schema, path, schema is { IsEmbedded: true }, keeps);
                break;

            // Below a node that keeps everything, items without a schema are not looked into.
            case JsonArray array when !keeps || schema?.Items is not null:
                for (var i = 0; i < array.Count; i++)
                {
                    PruneValue(array[i], schema?.Items, Index(path, i), keeps);
                }

                break;
        }
    }

    private void PruneObject(JsonObject obj, SchemaNode? schema, string path, bool isEmbedded, bool keeps)
    {
        for (var i = 0; i < obj.Count;)
        {
            var (name, value) = obj.GetAt(i);
            if (isEmbedded && IsMeta(name))
            {
                i++;
            }
            else if (schema is not null && (schema.Properties.ContainsKey(name) || schema.AllowsAdditional))
            {
                var below = schema.Field(name);
                if (value is JsonObject or JsonArray)
                {
                    PruneValue(value, below, Join(path, name));
                }

                i++;
            }
            else if (keeps)
            {
                i++;
            }
            else
            {
                _unknown.Add(Join(path, name));
                obj.RemoveAt(i);
            }
        }
    }

    private static string Index(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    private sealed class MetadataCleaner(List<string> unknown)
    {
        public string? Clean(JsonNode? node, SchemaNode? schema, bool isEmbedded, string path)
        {
            switch (node)
            {
                case JsonObject obj:
                    return CleanObject(obj, schema, isEmbedded, path);
                case JsonArray array when schema?.Items is { } items:
                    for (var i = 0; i < array.Count; i++)
                    {
                        if (Clean(array[i], items, items.IsEmbedded, Index(path, i)) is { } error)
                        {
                            return error;
                        }
                    }

                    break;
            }

            return null;
        }

        private string? CleanObject(JsonObject obj, SchemaNode? schema, bool isEmbedded, string path)
        {
            foreach (var (name, value) in obj.ToList())
            {
                var error = isEmbedded && IsMeta(name) ? CleanMeta(name, value, path)
                    : schema?.Field(name) is { } below ? Clean(value, below, below.IsEmbedded, Join(path, name))
                    : null;
                if (error is not null)
                {
                    return error;
                }
            }

            return null;
        }

        private string? CleanMeta(string name, JsonNode? value, string path)
        {
            var at = Join(path, name);
            if (name != "metadata")
            {
                return value is JsonValue text && text.GetValueKind() == System.Text.Json.JsonValueKind.String
                    ? null
                    : $"{at}: Invalid value: {GoText.Value(value)}: must be a string";
            }

            if (value is null)
            {
                return null;
            }

            if (value is not JsonObject metadata)
            {
                return $"json: cannot unmarshal {Named(value)} into Go value of type v1.ObjectMeta";
            }

            if (TypeChecker.Check(metadata, MetadataType) is { } mismatch)
            {
                return mismatch;
            }

            unknown.AddRange(Pruner.Prune(metadata, MetadataType).Select(u => $"{at}.{u}"));
            return null;
        }

        private static string Named(JsonNode value) => value switch
        {
            JsonArray => "array",
            _ => value.GetValueKind() switch { System.Text.Json.JsonValueKind.String => "string", System.Text.Json.JsonValueKind.Number => "number", _ => "bool" },
        };
    }
}
