using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.CustomKinds;

/// <summary>Reads a definition without its schemas, which are most of it and compiled only when first needed.</summary>
internal static class DefinitionOutline
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonText.ReadDepth };

    /// <summary>The definition, in which each schema is only said to have defaults or not.</summary>
    public static JsonObject Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Options);
        reader.Read();
        return (JsonObject)ReadValue(ref reader, utf8)!;
    }

    /// <summary>The schema of one version.</summary>
    public static JsonObject Schema(ReadOnlyMemory<byte> utf8, int version)
    {
        using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = JsonText.ReadDepth });
        var found = document.RootElement.GetProperty("spec").GetProperty("versions")[version];
        return found.TryGetProperty("schema", out var schema) && schema.TryGetProperty("openAPIV3Schema", out var root)
            ? (JsonObject)JsonText.ParseNode(System.Text.Encoding.UTF8.GetBytes(root.GetRawText()))!
            : new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, utf8);
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    array.Add(ReadValue(ref reader, utf8));
                }

                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var number) ? JsonValue.Create(number) : JsonValue.Create(reader.GetDouble());
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            default:
                return null;
        }
    }

    private static JsonObject ReadObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var obj = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name == "openAPIV3Schema")
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();

                // A field named default, or a null that must go, is rare; to think there is one costs only time.
                obj["hasDefaults"] = utf8[start..(int)reader.BytesConsumed].IndexOf("\"default\":"u8) >= 0;
            }
            else
            {
                obj[name] = ReadValue(ref reader, utf8);
            }
        }

        return obj;
    }
}
