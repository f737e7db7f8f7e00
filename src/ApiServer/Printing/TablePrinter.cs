using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Printing;

/// <summary>How much of each object a table's rows carry.</summary>
internal enum IncludeObject
{
    /// <summary>The metadata.</summary>
    Metadata,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>All of it.</summary>
    Object,
}

/// <summary>What stands around the rows.</summary>
/// <param name="Version">The version of meta.k8s.io the client asked for.</param>
internal sealed record TableHead(string Version = "v1")
{
    public string? ResourceVersion { get; init; }

    public string? Continue { get; init; }

    public long? Remaining { get; init; }

    public IncludeObject Include { get; init; }

    /// <summary>The printer of a custom kind; null for built-in ones.</summary>
    public KindPrinter? Printer { get; init; }

    /// <summary>Only the first event of a watch tells the columns; the others say null.</summary>
    public bool WithColumns { get; init; } = true;
}

/// <summary>One object to print.</summary>
/// <param name="Object">The object.</param>
/// <param name="Embedded">The bytes its row carries as the object, or null to make them from the object.</param>
internal readonly record struct TableRow(JsonObject Object, ReadOnlyMemory<byte>? Embedded = null);

/// <summary>Tables, as <c>kubectl get</c> asks for them.</summary>
internal static class TablePrinter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonText.ReadDepth, SkipValidation = true };

    /// <summary>The columns of a kind.</summary>
    public static IReadOnlyList<TableColumn> Columns(KindSchema kind) => KindPrinters.For(kind.Group, kind.Kind).Columns;

    /// <summary>The cells of one object, in the order of the columns.</summary>
    public static IReadOnlyList<JsonNode?> Cells(KindSchema kind, JsonObject obj, DateTimeOffset now) => KindPrinters.For(kind.Group, kind.Kind).Cells(obj, now);

    /// <summary>A whole table as UTF-8 JSON.</summary>
    public static ReadOnlyMemory<byte> Table(KindSchema kind, TableHead head, IEnumerable<TableRow> rows, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            WriteHead(writer, head);
            WriteColumns(writer, head.WithColumns ? head.Printer?.Columns ?? Columns(kind) : null);
            writer.WriteStartArray("rows");
            foreach (var row in rows)
            {
                WriteRow(writer, kind, head, row, now);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteHead(Utf8JsonWriter writer, TableHead head)
    {
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", "meta.k8s.io/" + head.Version);
        writer.WriteStartObject("metadata");
        if (head.ResourceVersion is { } revision)
        {
            writer.WriteString("resourceVersion", revision);
        }

        if (head.Continue is { Length: > 0 } token)
        {
            writer.WriteString("continue", token);
        }

        if (head.Remaining is { } remaining)
        {
            writer.WriteNumber("remainingItemCount", remaining);
        }

        writer.WriteEndObject();
    }

    private static void WriteColumns(Utf8JsonWriter writer, IReadOnlyList<TableColumn>? columns)
    {
        if (columns is null)
        {
            writer.WriteNull("columnDefinitions");
            return;
        }

        writer.WriteStartArray("columnDefinitions");
        foreach (var column in columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);
            writer.WriteString("type", column.Type);
            writer.WriteString("format", column.Format);
            writer.WriteString("description", column.Description);
            writer.WriteNumber("priority", column.Priority);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter writer, KindSchema kind, TableHead head, TableRow row, DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("cells");
        foreach (var cell in head.Printer?.Cells(row.Object, now) ?? Cells(kind, row.Object, now))
        {
            if (cell is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                cell.WriteTo(writer);
            }
        }

        writer.WriteEndArray();
        if (kind is { Group: "", Kind: "Pod" } && PodPrinter.RowCondition(row.Object) is { } condition)
        {
            writer.WriteStartArray("conditions");
            condition.WriteTo(writer);
            writer.WriteEndArray();
        }

        WriteObject(writer, head, row);
        writer.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter writer, TableHead head, TableRow row)
    {
        writer.WritePropertyName("object");
        if (head.Include == IncludeObject.None)
        {
            writer.WriteNullValue();
        }
        else if (row.Embedded is { } bytes)
        {
            writer.WriteRawValue(bytes.Span, skipInputValidation: true);
        }
        else if (head.Include == IncludeObject.Object)
        {
            row.Object.WriteTo(writer);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "PartialObjectMetadata");
            writer.WriteString("apiVersion", "meta.k8s.io/" + head.Version);
            writer.WritePropertyName("metadata");
            (row.Object.Child("metadata") ?? []).WriteTo(writer);
            writer.WriteEndObject();
        }
    }
}
