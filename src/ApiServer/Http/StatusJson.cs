using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sealos.ApiServer.Http;

/// <summary>Status objects as JSON.</summary>
internal static class StatusJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A refusal.</summary>
    public static byte[] Failure(ApiException error) => Write(writer =>
    {
        writer.WriteStartObject("metadata"u8);
        WriteText(writer, "continue"u8, error.Continue);
        writer.WriteEndObject();
        writer.WriteString("status"u8, "Failure"u8);
        writer.WriteString("message"u8, error.Message);
        WriteText(writer, "reason"u8, error.Reason);
        WriteDetails(writer, error.Details);
        writer.WriteNumber("code"u8, error.Code);
    });

    /// <summary>Something was done to an object that is gone now.</summary>
    public static byte[] Success(StatusDetails? details, int? code = null) => Write(writer =>
    {
        writer.WriteStartObject("metadata"u8);
        writer.WriteEndObject();
        writer.WriteString("status"u8, "Success"u8);
        WriteDetails(writer, details);
        if (code is { } number)
        {
            writer.WriteNumber("code"u8, number);
        }
    });

    private static byte[] Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "Status"u8);
        writer.WriteString("apiVersion"u8, "v1"u8);
        content(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteDetails(Utf8JsonWriter writer, StatusDetails? details)
    {
        if (details is null)
        {
            return;
        }

        writer.WriteStartObject("details"u8);
        WriteText(writer, "name"u8, details.Name);
        WriteText(writer, "group"u8, details.Group);
        WriteText(writer, "kind"u8, details.Kind);
        WriteText(writer, "uid"u8, details.Uid);
        if (details.Causes.Count > 0)
        {
            writer.WriteStartArray("causes"u8);
            foreach (var cause in details.Causes)
            {
                writer.WriteStartObject();
                WriteText(writer, "reason"u8, cause.Reason);
                WriteText(writer, "message"u8, cause.Message);
                WriteText(writer, "field"u8, cause.Field);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (details.RetryAfterSeconds > 0)
        {
            writer.WriteNumber("retryAfterSeconds"u8, details.RetryAfterSeconds);
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }
}
