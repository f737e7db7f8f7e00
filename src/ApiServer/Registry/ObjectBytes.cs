using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Registry;

/// <summary>
/// The stored form of an object: compact JSON that begins with kind, apiVersion and metadata, in which name, namespace
/// and uid come first and there is no resourceVersion. So the revision that a write gets can be spliced in behind the
/// uid without parsing, and lists can leave out kind and apiVersion by an offset.
/// </summary>
internal static class ObjectBytes
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = JsonText.MaxDepth };
    private static readonly string[] MetadataFirst = ["name", "generateName", "namespace", "uid", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    private static ReadOnlySpan<byte> MetadataOpening => "\"metadata\":{"u8;

    private static ReadOnlySpan<byte> UidOpening => "\"uid\":\""u8;

    private static ReadOnlySpan<byte> RevisionOpening => ",\"resourceVersion\":\""u8;

    /// <summary>Writes the stored form; managedFields are written as they are, behind all other metadata.</summary>
    /// <exception cref="ApiException">The object is nested more deeply than bodies may be, as patches and defaults can make it.</exception>
    public static byte[] Write(JsonObject obj, ReadOnlySpan<byte> managedFields = default)
    {
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            try
            {
                WriteObject(writer, obj, managedFields);
            }
            catch (InvalidOperationException) when (writer.CurrentDepth >= JsonText.MaxDepth)
            {
                throw ApiException.BadRequest($"the object is nested more than {JsonText.MaxDepth} levels deep");
            }
        }

        var bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > 1 << 20)
        {
            t_buffer = null;
        }

        return bytes;
    }

    /// <summary>The served form: the stored bytes with the revision spliced in.</summary>
    public static byte[] WithRevision(ReadOnlySpan<byte> stored, long revision)
    {
        var at = AfterUid(stored);
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var count);
        var result = new byte[stored.Length + RevisionOpening.Length + count + 1];
        stored[..at].CopyTo(result);
        var rest = result.AsSpan(at);
        RevisionOpening.CopyTo(rest);
        digits[..count].CopyTo(rest[RevisionOpening.Length..]);
        rest[RevisionOpening.Length + count] = (byte)'"';
        stored[at..].CopyTo(rest[(RevisionOpening.Length + count + 1)..]);
        return result;
    }

    /// <summary>Where the spliced resourceVersion stands in served bytes: the offset of its comma, and its length.</summary>
    public static (int Start, int Length) FindRevision(ReadOnlySpan<byte> served)
    {
        var start = AfterUid(served);
        var digits = served[(start + RevisionOpening.Length)..].IndexOf((byte)'"');
        return (start, RevisionOpening.Length + digits + 1);
    }

    /// <summary>Replaces the resourceVersion in served bytes.</summary>
    public static byte[] ReplaceRevision(ReadOnlySpan<byte> served, int start, int length, long revision)
    {
        var stored = new byte[served.Length - length];
        served[..start].CopyTo(stored);
        served[(start + length)..].CopyTo(stored.AsSpan(start));
        return WithRevision(stored, revision);
    }

    /// <summary>Whether served and stored bytes differ in nothing but the spliced revision.</summary>
    public static bool SameContent(ReadOnlySpan<byte> served, ReadOnlySpan<byte> stored)
    {
        var (start, length) = FindRevision(served);
        return served.Length - length == stored.Length
            && served[..start].SequenceEqual(stored[..start])
            && served[(start + length)..].SequenceEqual(stored[start..]);
    }

    /// <summary>Where the value of metadata.managedFields stands in stored or served bytes; empty when there is none.</summary>
    public static Range FindManagedFields(ReadOnlySpan<byte> bytes)
    {
        // Most objects that have none need no second look.
        if (bytes.IndexOf("\"managedFields\":["u8) < 0)
        {
            return default;
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = JsonText.ReadDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && !reader.ValueTextEquals("metadata"u8))
        {
            reader.Skip();
        }

        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFound = reader.ValueTextEquals("managedFields"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isFound)
            {
                return start..(int)reader.BytesConsumed;
            }
        }

        return default;
    }

    /// <summary>The bytes without metadata.managedFields, which trees leave out.</summary>
    public static ReadOnlyMemory<byte> WithoutManagedFields(ReadOnlyMemory<byte> bytes)
    {
        var (start, length) = FindManagedFields(bytes.Span).GetOffsetAndLength(bytes.Length);
        if (length == 0)
        {
            return bytes;
        }

        // It is never the first of its metadata: a comma and the name go with it.
        var from = start - ",\"managedFields\":".Length;
        var rest = new byte[bytes.Length - (start + length - from)];
        bytes.Span[..from].CopyTo(rest);
        bytes.Span[(start + length)..].CopyTo(rest.AsSpan(from));
        return rest;
    }

    /// <summary>The offset of <c>"metadata"</c>.</summary>
    public static int BodyStart(ReadOnlySpan<byte> bytes) => bytes.IndexOf(MetadataOpening);

    // Name and namespace cannot hold quotes, so the first match within the metadata is the object's own uid.
    private static int AfterUid(ReadOnlySpan<byte> bytes)
    {
        var metadata = bytes.IndexOf(MetadataOpening);
        var uid = metadata + bytes[metadata..].IndexOf(UidOpening) + UidOpening.Length;
        return uid + bytes[uid..].IndexOf((byte)'"') + 1;
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonObject obj, ReadOnlySpan<byte> managedFields)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, obj.Text("kind"));
        writer.WriteString("apiVersion"u8, obj.Text("apiVersion"));
        writer.WritePropertyName("metadata"u8);
        WriteMetadata(writer, obj.Child("metadata") ?? [], managedFields);
        foreach (var (name, value) in obj)
        {
            if (name is not ("kind" or "apiVersion" or "metadata"))
            {
                WriteProperty(writer, name, value);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, JsonObject metadata, ReadOnlySpan<byte> managedFields)
    {
        writer.WriteStartObject();
        foreach (var name in MetadataFirst)
        {
            if (metadata.TryGetPropertyValue(name, out var value) && value is not null)
            {
                WriteProperty(writer, name, value);
            }
        }

        foreach (var (name, value) in metadata)
        {
            if (value is not null && name is not ("resourceVersion" or "managedFields" or "selfLink") && !MetadataFirst.Contains(name))
            {
                WriteProperty(writer, name, value);
            }
        }

        if (!managedFields.IsEmpty)
        {
            writer.WritePropertyName("managedFields"u8);
            writer.WriteRawValue(managedFields, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    private static void WriteProperty(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        writer.WritePropertyName(name);
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }
}
