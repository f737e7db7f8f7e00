using System.Text;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Serialization;

/// <summary>Turns a protobuf body (<c>k8s\0</c> and an envelope) into the JSON object it stands for, by the schema's field numbers.</summary>
public static class ProtobufDecoder
{
    private const int MaxDepth = 256;

    /// <summary>The media type of such bodies.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>Reads a body; the object gets its apiVersion and kind from the envelope.</summary>
    /// <exception cref="DecodeException">The body is malformed or of a kind the schema does not have.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> body, KubeSchema schema)
    {
        var (apiVersion, kind, raw) = ReadEnvelope(body);
        var found = schema.FindKind(apiVersion, kind)
            ?? throw new DecodeException($"no kind \"{kind}\" is registered for version \"{apiVersion}\"");
        var obj = new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion };
        ReadMessage(raw, schema.GetType(found), schema, obj, 0);
        return obj;
    }

    /// <summary>The apiVersion and kind of a body, without reading the rest.</summary>
    /// <exception cref="DecodeException">The envelope is malformed.</exception>
    public static (string ApiVersion, string Kind) PeekKind(ReadOnlySpan<byte> body)
    {
        var (apiVersion, kind, _) = ReadEnvelope(body);
        return (apiVersion, kind);
    }

    private static Envelope ReadEnvelope(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
        {
            throw new DecodeException("the protobuf body does not start with the expected prefix k8s\\0");
        }

        var envelope = default(Envelope);
        var reader = new WireReader(body[Magic.Length..]);
        while (reader.Next())
        {
            switch (reader.Number, reader.Wire)
            {
                case (1, 2):
                    ReadTypeMeta(reader.Bytes, ref envelope);
                    break;
                case (2, 2):
                    envelope.Raw = reader.Bytes;
                    break;
                case (3, 2) when !reader.Bytes.IsEmpty:
                    throw new DecodeException($"the content encoding \"{Encoding.UTF8.GetString(reader.Bytes)}\" inside a protobuf body is not supported");
            }
        }

        return envelope;
    }

    private static void ReadTypeMeta(ReadOnlySpan<byte> bytes, ref Envelope envelope)
    {
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Number, reader.Wire)
            {
                case (1, 2):
                    envelope.ApiVersion = ProtobufValues.Text(reader.Bytes);
                    break;
                case (2, 2):
                    envelope.Kind = ProtobufValues.Text(reader.Bytes);
                    break;
            }
        }
    }

    private static void ReadMessage(ReadOnlySpan<byte> bytes, TypeSchema type, KubeSchema schema, JsonObject target, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new DecodeException($"the protobuf body is nested more than {MaxDepth} levels deep");
        }

        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            var number = reader.Number;
            if (type.FindOwn(number) is { } field)
            {
                ReadField(ref reader, field, schema, target, depth);
            }
            else if (reader.Wire == 2 && type.Inlined.Find(i => i.Number == number) is { Type: { } inlined })
            {
                ReadMessage(reader.Bytes, schema.GetType(inlined), schema, target, depth + 1);
            }
        }
    }

    private static void ReadField(ref WireReader reader, FieldSchema field, KubeSchema schema, JsonObject target, int depth)
    {
        switch (field.Shape.Kind)
        {
            case ValueKind.List:
                if (target[field.Name] is not JsonArray list)
                {
                    target[field.Name] = list = [];
                }

                ReadListItem(ref reader, field.Shape.Element!, schema, list, depth);
                break;
            case ValueKind.Map:
                if (target[field.Name] is not JsonObject map)
                {
                    target[field.Name] = map = [];
                }

                ReadMapEntry(reader.Bytes, field.Shape.Element!, schema, map, depth);
                break;
            default:
                var value = ReadValue(ref reader, field.Shape, schema, depth);
                if (field.IsPointer || !ProtobufValues.IsZero(value))
                {
                    target[field.Name] = value;
                }

                break;
        }
    }

    private static void ReadListItem(ref WireReader reader, ValueShape element, KubeSchema schema, JsonArray list, int depth)
    {
        if (reader.Wire == 2 && element.Kind is ValueKind.Int32 or ValueKind.Int64 or ValueKind.Boolean)
        {
            for (var packed = reader.Bytes; !packed.IsEmpty;)
            {
                list.Add(ProtobufValues.Scalar(element.Kind, WireReader.TakeVarint(ref packed)));
            }

            return;
        }

        list.Add(ReadValue(ref reader, element, schema, depth));
    }

    private static void ReadMapEntry(ReadOnlySpan<byte> entry, ValueShape element, KubeSchema schema, JsonObject map, int depth)
    {
        var reader = new WireReader(entry);
        var key = "";
        JsonNode? value = null;
        while (reader.Next())
        {
            if (reader.Number == 1)
            {
                key = ProtobufValues.Text(reader.Bytes);
            }
            else if (reader.Number == 2)
            {
                value = element.Kind == ValueKind.List ? ReadWrappedList(reader.Bytes, element, schema, depth) : ReadValue(ref reader, element, schema, depth);
            }
        }

        map[key] = value ?? (element.Kind is ValueKind.String or ValueKind.Bytes ? "" : null);
    }

    /// <summary>A list as a map's value is a message whose first field repeats.</summary>
    private static JsonArray ReadWrappedList(ReadOnlySpan<byte> bytes, ValueShape shape, KubeSchema schema, int depth)
    {
        var list = new JsonArray();
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            ReadListItem(ref reader, shape.Element!, schema, list, depth);
        }

        return list;
    }

    private static JsonNode? ReadValue(ref WireReader reader, ValueShape shape, KubeSchema schema, int depth)
    {
        var expected = shape.Kind switch
        {
            ValueKind.Boolean or ValueKind.Int32 or ValueKind.Int64 => 0,
            ValueKind.Float64 => 1,
            _ => 2,
        };
        if (reader.Wire != expected)
        {
            throw new DecodeException($"field {reader.Number} of the protobuf body has the wrong wire type");
        }

        if (shape.Kind != ValueKind.Object)
        {
            return expected == 2 ? ProtobufValues.Message(shape.Kind, reader.Bytes) : ProtobufValues.Scalar(shape.Kind, reader.Value);
        }

        var type = schema.GetType(shape.Object!);
        var obj = new JsonObject();
        ReadMessage(reader.Bytes, type, schema, obj, depth + 1);
        return type.IsUnion ? ProtobufValues.Unwrap(obj) : obj;
    }

    private ref struct Envelope
    {
        public string? ApiVersion { get; set; }

        public string? Kind { get; set; }

        public ReadOnlySpan<byte> Raw { get; set; }

        public readonly void Deconstruct(out string apiVersion, out string kind, out ReadOnlySpan<byte> raw)
        {
            apiVersion = ApiVersion ?? "";
            kind = Kind ?? "";
            raw = Raw;
        }
    }
}
