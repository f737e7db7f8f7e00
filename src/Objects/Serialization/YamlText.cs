using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sealos.Objects.Serialization;

/// <summary>Reads and writes YAML by way of JSON trees, with the meanings kubectl gives it.</summary>
public static class YamlText
{
    /// <summary>Reads the only document of a text.</summary>
    /// <exception cref="DecodeException">The text is not YAML or has no or several documents.</exception>
    public static JsonNode Parse(string text) => OnlyOne(ParseAll(text));

    /// <summary>Reads the only document of a UTF-8 text in which keys may be set twice: the last one wins, and each is named with its line.</summary>
    /// <exception cref="DecodeException">The text is not YAML or has no or several documents.</exception>
    public static JsonNode Parse(ReadOnlyMemory<byte> utf8, List<string> duplicates) => OnlyOne(ParseAll(Encoding.UTF8.GetString(utf8.Span), duplicates));

    private static JsonNode OnlyOne(IReadOnlyList<JsonNode> documents)
    {
        return documents.Count switch
        {
            1 => documents[0],
            0 => throw new DecodeException("the YAML is empty"),
            _ => throw new DecodeException($"one YAML document is expected, not {documents.Count}"),
        };
    }

    /// <summary>Reads the only document of a UTF-8 text.</summary>
    /// <exception cref="DecodeException">The text is not YAML or has no or several documents.</exception>
    public static JsonNode Parse(ReadOnlyMemory<byte> utf8) => Parse(Encoding.UTF8.GetString(utf8.Span));

    /// <summary>Reads every document that is not empty.</summary>
    /// <exception cref="DecodeException">The text is not YAML.</exception>
    public static IReadOnlyList<JsonNode> ParseAll(string text) => ParseAll(text, null);

    private static IReadOnlyList<JsonNode> ParseAll(string text, List<string>? duplicates)
    {
        try
        {
            return new YamlReader(new Parser(new StringReader(text)), duplicates).ReadAll();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The scanner trips over some texts without saying where.
            throw new DecodeException("error converting YAML to JSON: yaml: the text cannot be read", e);
        }
        catch (YamlException e)
        {
            throw new DecodeException($"error converting YAML to JSON: yaml: line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    /// <summary>Writes a document: names in ordinal order, lists at the level of their name.</summary>
    public static string Write(JsonNode? node)
    {
        var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(2, int.MaxValue, false, 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, true));
        WriteNode(emitter, node);
        emitter.Emit(new DocumentEnd(true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void WriteNode(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case null:
                emitter.Emit(Plain("null"));
                break;
            case JsonObject obj:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, obj.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in obj.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    WriteText(emitter, name);
                    WriteNode(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray array:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, array.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in array)
                {
                    WriteNode(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            default:
                if (node.GetValueKind() == JsonValueKind.String)
                {
                    WriteText(emitter, node.GetValue<string>());
                }
                else
                {
                    emitter.Emit(Plain(node.ToJsonString()));
                }

                break;
        }
    }

    private static Scalar Plain(string text) => new(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, true, false);

    private static void WriteText(Emitter emitter, string text)
    {
        var style = text.Contains('\n', StringComparison.Ordinal) && !text.Contains(" \n", StringComparison.Ordinal) && !text.Contains('\t', StringComparison.Ordinal) && text[0] is not (' ' or '\n')
            ? ScalarStyle.Literal
            : text.Length == 0 || YamlScalars.NeedsQuotes(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, style == ScalarStyle.Any, true));
    }
}
