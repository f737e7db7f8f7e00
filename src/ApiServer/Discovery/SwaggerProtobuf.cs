using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Sealos.ApiServer.Discovery;

/// <summary>
/// The second version of OpenAPI as protobuf, in which old clients ask for it. It is made from the JSON, so that both say the
/// same; the numbers are those of gnostic's <c>openapi.v2.Document</c>, and what the JSON never holds is left out.
/// </summary>
internal static class SwaggerProtobuf
{
    private static readonly Dictionary<string, int> Methods = new(StringComparer.Ordinal) { ["get"] = 2, ["put"] = 3, ["post"] = 4, ["delete"] = 5, ["patch"] = 8 };

    private static readonly HashSet<string> Conditions = new(StringComparer.Ordinal)
    {
        "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "maxItems", "minItems", "uniqueItems",
        "multipleOf", "enum", "maxProperties", "minProperties", "externalDocs", "example",
    };

    public static byte[] Encode(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
        var root = document.RootElement;
        var info = root.GetProperty("info");
        var message = new Message();
        message.Text(1, root.GetProperty("swagger"));
        message.Nested(2, inner =>
        {
            inner.Text(1, info.GetProperty("title"));
            inner.Text(2, info.GetProperty("version"));
        });
        message.Nested(8, inner => Named(inner, 2, root.GetProperty("paths"), Path));
        message.Nested(9, inner => Named(inner, 1, root.GetProperty("definitions"), Schema));
        return message.ToArray();
    }

    private static void Path(Message message, JsonElement path)
    {
        foreach (var property in path.EnumerateObject())
        {
            if (property.Name == "parameters")
            {
                Parameters(message, 9, property.Value);
            }
            else
            {
                message.Nested(Methods[property.Name], inner => Operation(inner, property.Value));
            }
        }
    }

    private static void Operation(Message message, JsonElement operation)
    {
        foreach (var property in operation.EnumerateObject())
        {
            switch (property.Name)
            {
                case "consumes":
                    message.Texts(7, property.Value);
                    break;
                case "parameters":
                    Parameters(message, 8, property.Value);
                    break;
                case "responses":
                    message.Nested(9, inner => Named(inner, 1, property.Value, (value, answer) => value.Nested(1, response => Response(response, answer))));
                    break;
                default:
                    Extension(message, 13, property);
                    break;
            }
        }
    }

    private static void Response(Message message, JsonElement response)
    {
        message.Text(1, response.GetProperty("description"));
        if (response.TryGetProperty("schema", out var schema))
        {
            message.Nested(2, item => item.Nested(1, inner => Schema(inner, schema)));
        }
    }

    private static void Parameters(Message message, int number, JsonElement parameters)
    {
        foreach (var parameter in parameters.EnumerateArray())
        {
            message.Nested(number, item => item.Nested(1, inner => Parameter(inner, parameter)));
        }
    }

    // A body is one kind of parameter, and all others are another, of which each place has a message of its own.
    private static void Parameter(Message message, JsonElement parameter)
    {
        switch (parameter.GetProperty("in").GetString())
        {
            case "body":
                message.Nested(1, inner =>
                {
                    inner.Text(2, parameter.GetProperty("name"));
                    inner.Text(3, parameter.GetProperty("in"));
                    inner.Flag(4, parameter.GetProperty("required").GetBoolean());
                    inner.Nested(5, schema => Schema(schema, parameter.GetProperty("schema")));
                });
                break;
            case "path":
                message.Nested(2, other => other.Nested(4, inner => PlainParameter(inner, parameter, type: 5, unique: 19)));
                break;
            default:
                message.Nested(2, other => other.Nested(3, inner => PlainParameter(inner, parameter, type: 6, unique: 20)));
                break;
        }
    }

    private static void PlainParameter(Message message, JsonElement parameter, int type, int unique)
    {
        message.Flag(1, parameter.TryGetProperty("required", out var required) && required.GetBoolean());
        message.Text(2, parameter.GetProperty("in"));
        message.Text(4, parameter.GetProperty("name"));
        message.Text(type, parameter.GetProperty("type"));
        message.Flag(unique, true);
    }

    private static void Schema(Message message, JsonElement schema)
    {
        foreach (var property in schema.EnumerateObject())
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "$ref":
                    message.Text(1, value);
                    break;
                case "format":
                    message.Text(2, value);
                    break;
                case "title":
                    message.Text(3, value);
                    break;
                case "description":
                    message.Text(4, value);
                    break;
                case "pattern":
                    message.Text(13, value);
                    break;
                case "required":
                    message.Texts(19, value);
                    break;
                case "additionalProperties" when value.ValueKind != JsonValueKind.Object:
                    message.Nested(21, item => item.Flag(2, value.GetBoolean()));
                    break;
                case "additionalProperties":
                    message.Nested(21, item => item.Nested(1, inner => Schema(inner, value)));
                    break;
                case "type":
                    message.Nested(22, item => item.Text(1, value));
                    break;
                case "items":
                    message.Nested(23, item => item.Nested(1, inner => Schema(inner, value)));
                    break;
                case "properties":
                    message.Nested(25, item => Named(item, 1, value, Schema));
                    break;
                case var name when Conditions.Contains(name):
                    // Custom kinds have them; who reads this form looks at names and types alone.
                    break;
                default:
                    Extension(message, 31, property);
                    break;
            }
        }
    }

    /// <summary>A map: an entry with name and value for each property.</summary>
    private static void Named(Message message, int number, JsonElement map, Action<Message, JsonElement> write)
    {
        foreach (var property in map.EnumerateObject())
        {
            message.Nested(number, entry =>
            {
                entry.Text(1, property.Name);
                entry.Nested(2, inner => write(inner, property.Value));
            });
        }
    }

    /// <summary>What OpenAPI does not know itself: any value, written as YAML, which JSON is.</summary>
    private static void Extension(Message message, int number, JsonProperty property)
    {
        if (!property.Name.StartsWith("x-", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{property.Name} has no place in the document's protobuf form");
        }

        message.Nested(number, entry =>
        {
            entry.Text(1, property.Name);
            entry.Nested(2, any => any.Text(2, property.Value.GetRawText()));
        });
    }

    /// <summary>A message as it is being written; a length comes before what it measures, so nested ones are written first.</summary>
    private sealed class Message
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

        public void Text(int number, JsonElement value) => Text(number, value.GetString()!);

        public void Text(int number, string value) => Bytes(number, Encoding.UTF8.GetBytes(value));

        public void Texts(int number, JsonElement values)
        {
            foreach (var value in values.EnumerateArray())
            {
                Text(number, value);
            }
        }

        public void Flag(int number, bool value)
        {
            if (value)
            {
                Number((uint)number << 3);
                Number(1);
            }
        }

        public void Nested(int number, Action<Message> write)
        {
            var inner = new Message();
            write(inner);
            Bytes(number, inner._bytes.WrittenSpan);
        }

        private void Bytes(int number, ReadOnlySpan<byte> value)
        {
            Number(((uint)number << 3) | 2);
            Number((uint)value.Length);
            _bytes.Write(value);
        }

        private void Number(uint value)
        {
            while (value > 127)
            {
                _bytes.Write([(byte)(value | 128)]);
                value >>= 7;
            }

            _bytes.Write([(byte)value]);
        }
    }
}
