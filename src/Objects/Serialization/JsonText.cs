using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.Objects.Serialization;

/// <summary>Reads and writes JSON bodies. The last of several fields of one name wins, and each repeat is reported.</summary>
public static class JsonText
{
    /// <summary>Text that is nested more deeply is not read; what is stored never is.</summary>
    public const int MaxDepth = 512;

    /// <summary>How deep readers of what is stored go: answers, lists and watches put objects some levels deeper.</summary>
    public const int ReadDepth = 2 * MaxDepth;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = ReadDepth, SkipValidation = true };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true, IndentSize = 2 };

    /// <summary>Reads an object, adding the path of each repeated field (<c>data.a</c>) to <paramref name="duplicates"/>.</summary>
    /// <exception cref="DecodeException">The text is not a JSON object.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> utf8, List<string> duplicates) =>
        ParseNode(utf8, duplicates) is var node && node is JsonObject obj
            ? obj
            : throw new DecodeException($"a JSON object is expected, not {Describe(node)}");

    /// <summary>Reads any JSON value.</summary>
    /// <exception cref="DecodeException">The text is not JSON.</exception>
    public static JsonNode? ParseNode(ReadOnlyMemory<byte> utf8, List<string>? duplicates = null)
    {
        // Not the final block, so that a text cut short is told apart from a wrong character.
        var reader = new Utf8JsonReader(utf8.Span, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth }));
        try
        {
            if (!reader.Read())
            {
                return ParseScalar(utf8.Span);
            }

            var node = ReadValue(ref reader, duplicates is null ? null : new Repeats(duplicates));
            if (reader.Read() || !IsBlank(utf8.Span[(int)reader.BytesConsumed..]))
            {
                throw new DecodeException("invalid character after top-level value");
            }

            return node;
        }
        catch (JsonException e)
        {
            throw new DecodeException(Explain(utf8.Span, e), e);
        }
        catch (InvalidOperationException e)
        {
            throw new DecodeException("invalid UTF-8 or unpaired surrogate in a string", e);
        }
    }

    /// <summary>The compact UTF-8 form.</summary>
    public static byte[] Write(JsonNode? node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(node, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the compact (or indented) form into a buffer.</summary>
    public static void Write(JsonNode? node, IBufferWriter<byte> buffer, bool indented = false)
    {
        using var writer = new Utf8JsonWriter(buffer, indented ? Indented : Compact);
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer);
        }
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, Repeats? repeats)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, repeats);
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (Next(ref reader) != JsonTokenType.EndArray)
                {
                    repeats?.Enter(null, array.Count);
                    array.Add(ReadValue(ref reader, repeats));
                    repeats?.Leave();
                }

                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                return ReadNumber(ref reader);
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            default:
                return null;
        }
    }

    private static JsonObject ReadObject(ref Utf8JsonReader reader, Repeats? repeats)
    {
        var obj = new JsonObject();
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            Next(ref reader);
            repeats?.Enter(name, 0);
            var value = ReadValue(ref reader, repeats);
            if (!obj.TryAdd(name, value))
            {
                obj[name] = value;
                repeats?.Tell();
            }

            repeats?.Leave();
        }

        return obj;
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) =>
        reader.Read() ? reader.TokenType : throw new DecodeException("unexpected end of JSON input");

    private static JsonValue ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var integer))
        {
            return JsonValue.Create(integer);
        }

        var number = reader.GetDouble();
        return double.IsFinite(number)
            ? JsonValue.Create(number)
            : throw new DecodeException($"number {Encoding.UTF8.GetString(reader.ValueSpan)} is out of range");
    }

    /// <summary>A bare number is complete only at the end of the text, which the main reader cannot know.</summary>
    private static JsonNode? ParseScalar(ReadOnlySpan<byte> utf8)
    {
        if (IsBlank(utf8) || utf8.IndexOfAny("{[\""u8) >= 0)
        {
            throw new DecodeException("unexpected end of JSON input");
        }

        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        return ReadValue(ref reader, null);
    }

    private static string Explain(ReadOnlySpan<byte> utf8, JsonException error)
    {
        var offset = 0L;
        for (var line = error.LineNumber ?? 0; line > 0 && offset < utf8.Length; line--)
        {
            var end = utf8[(int)offset..].IndexOf((byte)'\n');
            offset += end < 0 ? utf8.Length : end + 1;
        }

        offset += error.BytePositionInLine ?? 0;
        if (offset >= utf8.Length)
        {
            return "unexpected end of JSON input";
        }

        var wrong = utf8[(int)offset];
        return wrong is >= 0x20 and < 0x7f
            ? string.Create(CultureInfo.InvariantCulture, $"invalid character '{(char)wrong}' at byte {offset}")
            : string.Create(CultureInfo.InvariantCulture, $"invalid character '\\x{wrong:x2}' at byte {offset}");
    }

    private static bool IsBlank(ReadOnlySpan<byte> utf8) => utf8.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    private static string Describe(JsonNode? node) => node switch
    {
        null => "null",
        JsonArray => "an array",
        _ => node.GetValueKind() switch { JsonValueKind.String => "a string", JsonValueKind.Number => "a number", _ => "a boolean" },
    };

    /// <summary>Where the reader is, so that a repeated field can be named; a path is made only for those.</summary>
    private sealed class Repeats(List<string> found)
    {
        // Those beyond are not named any more, as in Kubernetes: a body can have a hundred thousand of them.
        private const int MaxNamed = 100;

        private readonly List<(string? Name, int Index)> _path = [];

        public void Enter(string? name, int index) => _path.Add((name, index));

        public void Leave() => _path.RemoveAt(_path.Count - 1);

        public void Tell()
        {
            if (found.Count >= MaxNamed)
            {
                return;
            }

            var text = new StringBuilder();
            foreach (var (name, index) in _path)
            {
                _ = name is null
                    ? text.Append(CultureInfo.InvariantCulture, $"[{index}]")
                    : text.Append(text.Length == 0 ? "" : ".").Append(name);
            }

            if (text.ToString() is var path && !found.Contains(path))
            {
                found.Add(path);
            }
        }
    }
}
