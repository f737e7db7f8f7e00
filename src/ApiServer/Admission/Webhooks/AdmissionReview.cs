using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Http;
using Sealos.ApiServer.Registry;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission.Webhooks;

/// <summary>A question to a webhook: about one write, in the form of the resource that its rule names.</summary>
internal sealed class AdmissionReview
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public AdmissionReview(AdmissionAttributes attributes, Resource asked)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "AdmissionReview"u8);
        writer.WriteString("apiVersion"u8, "admission.k8s.io/v1"u8);
        writer.WriteStartObject("request"u8);
        WriteRequest(writer, attributes, asked);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        Body = buffer.WrittenMemory;
    }

    public string Uid { get; } = Guid.NewGuid().ToString();

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>An object of one resource in the form of another that is stored in the same place.</summary>
    public static JsonObject Convert(JsonObject obj, Resource from, Resource to)
    {
        var result = (JsonObject)obj.DeepClone();
        from.Conversion?.ToStored(result);
        result["apiVersion"] = to.GroupVersion;
        result["kind"] = to.Kind;
        to.Conversion?.ToView(result);
        return result;
    }

    private void WriteRequest(Utf8JsonWriter writer, AdmissionAttributes attributes, Resource asked)
    {
        var resource = attributes.Resource;
        writer.WriteString("uid"u8, Uid);
        WriteKind(writer, "kind"u8, attributes, asked);
        WriteResource(writer, "resource"u8, asked);
        writer.WriteIfAny("subResource", attributes.Subresource);
        WriteKind(writer, "requestKind"u8, attributes, resource);
        WriteResource(writer, "requestResource"u8, resource);
        writer.WriteIfAny("requestSubResource", attributes.Subresource);
        writer.WriteIfAny("name", attributes.Name);
        writer.WriteIfAny("namespace", attributes.Namespace);
        writer.WriteString("operation"u8, WebhookRule.OperationName(attributes.Operation));
        writer.WriteStartObject("userInfo"u8);
        writer.WriteUser(attributes.Context.User);
        writer.WriteEndObject();
        WriteObject(writer, "object"u8, (attributes.Object, attributes.ManagedFields), attributes, asked);
        WriteObject(writer, "oldObject"u8, (attributes.OldObject, attributes.OldManagedFields), attributes, asked);
        writer.WriteBoolean("dryRun"u8, attributes.Context.DryRun);
        WriteOptions(writer, attributes);
    }

    private static void WriteKind(Utf8JsonWriter writer, ReadOnlySpan<byte> name, AdmissionAttributes attributes, Resource resource)
    {
        // What a connection is asked with, and what some parts are written as, is of a kind of its own.
        var kind = attributes.Part?.Kind.Kind ?? (attributes.Operation == Operation.Connect ? attributes.Object.Text("kind") : null) ?? resource.Kind;
        writer.WriteStartObject(name);
        writer.WriteString("group"u8, attributes.Part?.Kind.Group ?? resource.Group);
        writer.WriteString("version"u8, attributes.Part?.Kind.Version ?? resource.Version);
        writer.WriteString("kind"u8, kind);
        writer.WriteEndObject();
    }

    private static void WriteResource(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Resource resource)
    {
        writer.WriteStartObject(name);
        writer.WriteString("group"u8, resource.Group);
        writer.WriteString("version"u8, resource.Version);
        writer.WriteString("resource"u8, resource.Plural);
        writer.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter writer, ReadOnlySpan<byte> name, (JsonObject? Tree, ReadOnlyMemory<byte> ManagedFields) obj, AdmissionAttributes attributes, Resource asked)
    {
        writer.WritePropertyName(name);
        if (obj.Tree is not { } tree)
        {
            writer.WriteNullValue();
            return;
        }

        if (asked != attributes.Resource && attributes.Part is null)
        {
            tree = Convert(tree, attributes.Resource, asked);
        }

        writer.WriteStartObject();
        foreach (var (member, value) in tree)
        {
            writer.WritePropertyName(member);
            if (member == "metadata" && value is JsonObject metadata && !obj.ManagedFields.IsEmpty)
            {
                WriteMetadata(writer, metadata, obj.ManagedFields);
            }
            else
            {
                WriteValue(writer, value);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, JsonObject metadata, ReadOnlyMemory<byte> managedFields)
    {
        writer.WriteStartObject();
        foreach (var (member, value) in metadata.Where(m => m.Key != "managedFields"))
        {
            writer.WritePropertyName(member);
            WriteValue(writer, value);
        }

        writer.WritePropertyName("managedFields"u8);
        writer.WriteRawValue(managedFields.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, JsonNode? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private static void WriteOptions(Utf8JsonWriter writer, AdmissionAttributes attributes)
    {
        if (attributes.Operation == Operation.Connect)
        {
            writer.WriteNull("options"u8);
            return;
        }

        writer.WriteStartObject("options"u8);
        writer.WriteString("kind"u8, attributes.Operation + "Options");
        writer.WriteString("apiVersion"u8, "meta.k8s.io/v1"u8);
        if (attributes.Context.DryRun)
        {
            writer.WriteTexts("dryRun", ["All"]);
        }

        writer.WriteEndObject();
    }
}
