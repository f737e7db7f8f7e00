using System.Text;
using System.Text.Json;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Ownership;

/// <summary>The written form of field sets, <c>fieldsV1</c>: an object a step, in which <c>.</c> says that the step itself is in the set.</summary>
public static class FieldSetJson
{
    private const int FewSteps = 8;
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonText.ReadDepth };

    /// <summary>Reads a set.</summary>
    /// <exception cref="FormatException">The text is not a field set.</exception>
    public static FieldSet Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Options);
        try
        {
            reader.Read();
            return ReadSet(ref reader, 0, out _);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>Writes a set.</summary>
    public static void Write(Utf8JsonWriter writer, FieldSet set)
    {
        writer.WriteStartObject();
        WriteNodes(writer, set);
        writer.WriteEndObject();
    }

    /// <summary>The compact text of a set.</summary>
    public static string ToText(FieldSet set)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonText.MaxDepth }))
        {
            Write(writer, set);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>How many fields of a set are in a written set, without reading that one into memory.</summary>
    internal static int CountShared(ReadOnlySpan<byte> utf8, FieldSet set)
    {
        var reader = new Utf8JsonReader(utf8, Options);
        reader.Read();
        return CountShared(ref reader, set, out _);
    }

    private static int CountShared(ref Utf8JsonReader reader, FieldSet set, out bool isMember)
    {
        var (shared, entries, self) = (0, 0, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            entries++;
            if (reader.ValueTextEquals("."u8))
            {
                self = true;
                reader.Skip();
                continue;
            }

            if (FindStep(ref reader, set) is not { } node)
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            shared += CountShared(ref reader, node.Children ?? FieldSet.Empty, out var childIsMember);
            shared += childIsMember && node.IsMember ? 1 : 0;
        }

        isMember = self || entries == 0;
        return shared;
    }

    private static FieldNode? FindStep(ref Utf8JsonReader reader, FieldSet set)
    {
        if (set.Nodes.Count > FewSteps)
        {
            return PathElement.Parse(reader.GetString()!) is { } step && set.Find(step) is >= 0 and var at ? set.Nodes[at] : null;
        }

        foreach (var node in set.Nodes)
        {
            if (Matches(ref reader, node.Element))
            {
                return node;
            }
        }

        return null;
    }

    private static bool Matches(ref Utf8JsonReader reader, PathElement element)
    {
        var text = element.Text;
        if (reader.ValueIsEscaped || text.Length > 256)
        {
            return reader.ValueTextEquals(element.Serialize());
        }

        Span<char> written = stackalloc char[258];
        element.Prefix.CopyTo(written);
        text.CopyTo(written[2..]);
        return reader.ValueTextEquals(written[..(text.Length + 2)]);
    }

    private static FieldSet ReadSet(ref Utf8JsonReader reader, int depth, out bool isMember)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("a field set is made of objects");
        }

        var set = new FieldSet();
        var (entries, self) = (0, false);
        if (depth == FieldSet.MaxSteps)
        {
            reader.Skip();
        }

        while (depth < FieldSet.MaxSteps && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (name == ".")
            {
                self = true;
                reader.Skip();
            }
            else if (PathElement.Parse(name) is { } element)
            {
                reader.Read();
                var below = ReadSet(ref reader, depth + 1, out var childIsMember);
                set.Add(element, childIsMember, below);
                entries++;
            }
            else
            {
                reader.Skip();
            }
        }

        isMember = self || entries == 0;
        return set;
    }

    private static void WriteNodes(Utf8JsonWriter writer, FieldSet set)
    {
        foreach (var (element, isMember, children) in set.Nodes)
        {
            writer.WritePropertyName(element.Serialize());
            writer.WriteStartObject();
            if (children is { IsEmpty: false })
            {
                if (isMember)
                {
                    writer.WriteStartObject("."u8);
                    writer.WriteEndObject();
                }

                WriteNodes(writer, children);
            }

            writer.WriteEndObject();
        }
    }
}
