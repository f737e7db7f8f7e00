using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Ownership;

/// <summary>The written form of <c>metadata.managedFields</c>.</summary>
public static class ManagedFields
{
    private static readonly byte[] EmptySet = "{}"u8.ToArray();
    private const int MaxGiven = 200;
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = JsonText.ReadDepth };

    // The list, the entry, the set and the dot around a path's steps.
    private static readonly JsonReaderOptions GivenOptions = new() { MaxDepth = FieldSet.MaxSteps + 4 };
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = JsonText.MaxDepth };

    /// <summary>Reads entries; null when they are not what a server would have written.</summary>
    public static List<ManagedEntry>? Read(ReadOnlyMemory<byte> utf8) => Read(utf8, ReaderOptions);

    private static List<ManagedEntry>? Read(ReadOnlyMemory<byte> utf8, JsonReaderOptions options)
    {
        if (utf8.IsEmpty)
        {
            return [];
        }

        // Of entries of one owner the last counts.
        var entries = new OrderedDictionary<FieldOwner, ManagedEntry>();
        var reader = new Utf8JsonReader(utf8.Span, options);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                if (ReadEntry(ref reader, utf8) is not { } entry)
                {
                    return null;
                }

                entries[entry.Owner with { ApiVersion = entry.Owner.IsApply ? "" : entry.Owner.ApiVersion }] = entry;
            }

            return [.. entries.Values];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Like <see cref="Read(ReadOnlyMemory{byte})"/>, for what a client wrote: every set is looked at too, and lists and sets of no reasonable size are none.</summary>
    public static List<ManagedEntry>? ReadChecked(ReadOnlyMemory<byte> utf8)
    {
        var entries = Read(utf8, GivenOptions);
        try
        {
            return entries is { Count: > MaxGiven } ? null : entries?.ConvertAll(e => new ManagedEntry(e.Owner, e.Time, e.Fields));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Writes entries in their order: appliers first, then by time and name. Nothing for no entries.</summary>
    public static byte[] Write(List<ManagedEntry> entries)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        entries.Sort(Compare);
        var buffer = new ArrayBufferWriter<byte>(256 + entries.Sum(e => e.Written.Length + 160));
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartArray();
            foreach (var entry in entries)
            {
                WriteEntry(writer, entry);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static ManagedEntry? ReadEntry(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        var (manager, operation, version, subresource, fieldsType) = ("", "", "", "", "");
        string? time = null;
        ReadOnlyMemory<byte> written = EmptySet;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("fieldsV1"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                written = reader.TokenType == JsonTokenType.Null ? written : utf8[start..(int)reader.BytesConsumed];
                continue;
            }

            var name = reader.GetString();
            reader.Read();
            var value = reader.GetString();
            switch (name)
            {
                case "manager":
                    manager = value ?? "";
                    break;
                case "operation":
                    operation = value ?? "";
                    break;
                case "apiVersion":
                    version = value ?? "";
                    break;
                case "subresource":
                    subresource = value ?? "";
                    break;
                case "fieldsType":
                    fieldsType = value ?? "";
                    break;
                case "time":
                    time = KubeTime.TryParse(value, out var parsed) ? KubeTime.Format(parsed) : null;
                    break;
            }
        }

        return operation is "Apply" or "Update" && version.Length > 0 && fieldsType == "FieldsV1"
            ? new ManagedEntry(new FieldOwner(manager, operation == "Apply", version, subresource), time, written)
            : null;
    }

    private static void WriteEntry(Utf8JsonWriter writer, ManagedEntry entry)
    {
        var owner = entry.Owner;
        writer.WriteStartObject();
        if (owner.Manager.Length > 0)
        {
            writer.WriteString("manager"u8, owner.Manager);
        }

        writer.WriteString("operation"u8, owner.IsApply ? "Apply"u8 : "Update"u8);
        writer.WriteString("apiVersion"u8, owner.ApiVersion);
        if (entry.Time is { } time)
        {
            writer.WriteString("time"u8, time);
        }

        writer.WriteString("fieldsType"u8, "FieldsV1"u8);
        writer.WritePropertyName("fieldsV1"u8);
        if (entry.Written.IsEmpty)
        {
            FieldSetJson.Write(writer, entry.Fields);
        }
        else
        {
            writer.WriteRawValue(entry.Written, skipInputValidation: true);
        }

        if (owner.Subresource.Length > 0)
        {
            writer.WriteString("subresource"u8, owner.Subresource);
        }

        writer.WriteEndObject();
    }

    private static int Compare(ManagedEntry left, ManagedEntry right)
    {
        var (a, b) = (left.Owner, right.Owner);
        if (a.IsApply != b.IsApply)
        {
            return a.IsApply ? -1 : 1;
        }

        // One spelling of times, so text order is time order; an entry without a time comes first.
        var order = string.CompareOrdinal(left.Time ?? "", right.Time ?? "");
        order = order != 0 ? order : string.CompareOrdinal(a.Manager, b.Manager);
        order = order != 0 ? order : string.CompareOrdinal(a.ApiVersion, b.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(a.Subresource, b.Subresource);
    }
}
