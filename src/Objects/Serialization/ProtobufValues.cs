using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Serialization;

/// <summary>The JSON forms of protobuf values, those of Kubernetes' special messages included.</summary>
internal static class ProtobufValues
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>A string field.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new DecodeException("a string of the protobuf body is not UTF-8", e);
        }
    }

    /// <summary>A number or boolean field.</summary>
    public static JsonNode Scalar(ValueKind kind, ulong value) => kind switch
    {
        ValueKind.Boolean => JsonValue.Create(value != 0),
        ValueKind.Float64 => double.IsFinite(BitConverter.UInt64BitsToDouble(value))
            ? JsonValue.Create(BitConverter.UInt64BitsToDouble(value))
            : throw new DecodeException("a number of the protobuf body is not finite"),
        _ => JsonValue.Create((long)value),
    };

    /// <summary>A field with a length that is not an object of the schema; null when it stands for nothing.</summary>
    public static JsonNode? Message(ValueKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        ValueKind.String => JsonValue.Create(Text(bytes)),
        ValueKind.Bytes => JsonValue.Create(Convert.ToBase64String(bytes)),
        ValueKind.Quantity => JsonValue.Create(FirstBytes(bytes) is { IsEmpty: false } quantity ? Text(quantity) : "0"),
        ValueKind.Time => Time(bytes, isMicro: false),
        ValueKind.MicroTime => Time(bytes, isMicro: true),
        ValueKind.IntOrString => IntOrString(bytes),
        ValueKind.Raw => FirstBytes(bytes) is { IsEmpty: false } json ? JsonText.ParseNode(json.ToArray()) : null,
        _ => throw new DecodeException($"a {kind} cannot stand here in a protobuf body"),
    };

    /// <summary>What Kubernetes' Go types write for a field that was never set.</summary>
    public static bool IsZero(JsonNode? value) => value switch
    {
        null => true,
        JsonValue scalar => scalar.GetValueKind() switch
        {
            JsonValueKind.String => scalar.GetValue<string>().Length == 0,
            JsonValueKind.False => true,
            JsonValueKind.Number => scalar.ToJsonString() == "0",
            _ => false,
        },
        _ => false,
    };

    /// <summary>The JSON of a type that is one of its own fields: the schema, else the list, else the boolean.</summary>
    public static JsonNode? Unwrap(JsonObject union)
    {
        foreach (var name in (ReadOnlySpan<string>)["schema", "jSONSchemas", "property", "allows"])
        {
            if (union[name] is { } value)
            {
                union.Remove(name);
                return value;
            }
        }

        return JsonValue.Create(false);
    }

    private static ReadOnlySpan<byte> FirstBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader is { Number: 1, Wire: 2 })
            {
                return reader.Bytes;
            }
        }

        return [];
    }

    private static JsonValue? Time(ReadOnlySpan<byte> bytes, bool isMicro)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        var (seconds, nanos) = (0L, 0L);
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Number == 1)
            {
                seconds = (long)reader.Value;
            }
            else if (reader.Number == 2)
            {
                nanos = (long)reader.Value;
            }
        }

        if (seconds is < -62_135_596_800 or > 253_402_300_799 || nanos is < 0 or > 999_999_999)
        {
            throw new DecodeException("a time of the protobuf body is out of range");
        }

        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100);
        return JsonValue.Create(isMicro ? KubeTime.FormatMicro(time) : KubeTime.Format(time));
    }

    private static JsonValue IntOrString(ReadOnlySpan<byte> bytes)
    {
        var (isText, number, text) = (false, 0L, "");
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Number, reader.Wire)
            {
                case (1, 0):
                    isText = reader.Value == 1;
                    break;
                case (2, 0):
                    number = (long)reader.Value;
                    break;
                case (3, 2):
                    text = Text(reader.Bytes);
                    break;
            }
        }

        return isText ? JsonValue.Create(text) : JsonValue.Create(number);
    }
}
