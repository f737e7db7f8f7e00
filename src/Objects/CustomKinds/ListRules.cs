using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>Lists that are sets hold nothing twice, and lists that are maps no key twice.</summary>
internal static class ListRules
{
    public static void Check(JsonNode? node, SchemaNode schema, ErrorList errors) => Check(node, schema, "", errors);

    private static void Check(JsonNode? node, SchemaNode? schema, string path, ErrorList errors)
    {
        switch (node)
        {
            case JsonObject obj when schema is not null:
                foreach (var (name, value) in obj)
                {
                    if (value is JsonObject or JsonArray && schema.Field(name) is { } below)
                    {
                        Check(value, below, schema.Properties.ContainsKey(name) ? (path.Length == 0 ? name : $"{path}.{name}") : $"{path}[{name}]", errors);
                    }
                }

                break;
            case JsonArray array when schema is not null:
                CheckArray(array, schema, path, errors);
                for (var i = 0; i < array.Count && schema.Items is not null; i++)
                {
                    if (array[i] is JsonObject or JsonArray)
                    {
                        Check(array[i], schema.Items, At(path, i), errors);
                    }
                }

                break;
        }
    }

    private static void CheckArray(JsonArray array, SchemaNode schema, string path, ErrorList errors)
    {
        switch (schema.ListType)
        {
            case "set":
                foreach (var i in Repeated(array.Select(Canonical)))
                {
                    errors.DuplicateRaw(At(path, i), GoValue.Of(array[i]));
                }

                break;
            case "map":
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is not (null or JsonObject))
                    {
                        errors.InvalidRaw(At(path, i), GoValue.Of(array[i]), "must be an object for an array of list-type map");
                        return;
                    }
                }

                var keys = array.Select(item => KeyOf(item as JsonObject, schema.ListKeys)).ToList();
                foreach (var i in Repeated(keys.Select(k => Canonical(k))))
                {
                    errors.DuplicateRaw(At(path, i), GoValue.Of(keys[i]));
                }

                break;
        }
    }

    /// <summary>The positions at which something stands for the second time.</summary>
    private static IEnumerable<int> Repeated(IEnumerable<string> items)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var i = 0;
        foreach (var item in items)
        {
            seen[item] = seen.GetValueOrDefault(item) + 1;
            if (seen[item] == 2)
            {
                yield return i;
            }

            i++;
        }
    }

    private static JsonObject KeyOf(JsonObject? item, IReadOnlyList<string> names)
    {
        var key = new JsonObject();
        foreach (var name in names)
        {
            if (item is not null && item.TryGetPropertyValue(name, out var value))
            {
                key[name] = value?.DeepClone();
            }
        }

        return key;
    }

    private static string Canonical(JsonNode? node) => node switch
    {
        JsonObject obj => $"{{{string.Join(',', obj.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{GoText.Quote(p.Key)}:{Canonical(p.Value)}"))}}}",
        JsonArray array => $"[{string.Join(',', array.Select(Canonical))}]",
        _ => node?.ToJsonString() ?? "null",
    };

    private static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}

/// <summary>Untyped values as Go prints them in messages.</summary>
internal static class GoValue
{
    public static string Of(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject obj => $"map[string]interface {{}}{{{string.Join(", ", obj.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{GoText.Quote(p.Key)}:{Inner(p.Value)}"))}}}",
        JsonArray array => $"[]interface {{}}{{{string.Join(", ", array.Select(Inner))}}}",
        _ => GoText.Value(node),
    };

    private static string Inner(JsonNode? node) => node is null ? "interface {}(nil)" : Of(node);
}
