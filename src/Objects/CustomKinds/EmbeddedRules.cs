using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.Objects.Validation;

namespace Sealos.Objects.CustomKinds;

/// <summary>Objects inside an object have an apiVersion, a kind and sound metadata.</summary>
internal static class EmbeddedRules
{
    public static void Check(JsonNode? node, SchemaNode schema, ErrorList errors) => Check(node, schema, "", errors);

    private static void Check(JsonNode? node, SchemaNode? schema, string path, ErrorList errors)
    {
        switch (node)
        {
            case JsonObject obj when schema is not null:
                if (schema.IsEmbedded)
                {
                    CheckResource(obj, path, errors);
                }

                foreach (var (name, value) in obj)
                {
                    if (value is JsonObject or JsonArray && schema.Field(name) is { } below)
                    {
                        Check(value, below, schema.Properties.ContainsKey(name) ? Join(path, name) : $"{path}[{name}]", errors);
                    }
                }

                break;
            case JsonArray array when schema?.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    Check(array[i], items, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), errors);
                }

                break;
        }
    }

    private static void CheckResource(JsonObject obj, string path, ErrorList errors)
    {
        CheckText(obj, "apiVersion", path, errors, (text, at) =>
        {
            if (text.Count(c => c == '/') > 1)
            {
                errors.Invalid(at, text, $"unexpected GroupVersion string: {text}");
            }
        });
        CheckText(obj, "kind", path, errors, (text, at) =>
        {
            var wrong = NameRules.ServiceName(text.ToLowerInvariant()).ToList();
            if (wrong.Count > 0)
            {
                errors.Invalid(at, text, "may have mixed case, but should otherwise match: " + string.Join(',', wrong));
            }
        });
        if (obj["metadata"] is JsonObject metadata)
        {
            MetadataRules.Embedded(metadata, Join(path, "metadata"), errors);
        }
    }

    private static void CheckText(JsonObject obj, string name, string path, ErrorList errors, Action<string, string> rule)
    {
        var at = Join(path, name);
        if (!obj.TryGetPropertyValue(name, out var value))
        {
            errors.Required(at);
        }
        else if (value.AsText() is not { } text)
        {
            errors.Invalid(at, value, "must be a string");
        }
        else if (text.Length == 0)
        {
            errors.Invalid(at, text, "must not be empty");
        }
        else
        {
            rule(text, at);
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
