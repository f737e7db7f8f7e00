using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Audit;

/// <summary>Writes an event of the audit log as a line of JSON (audit.k8s.io/v1 Event).</summary>
internal static class AuditEventWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(AuditTrail trail, string stage, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("kind", "Event");
            json.WriteString("apiVersion", "audit.k8s.io/v1");
            json.WriteString("level", trail.Decision.Level.ToString());
            json.WriteString("auditID", trail.Id);
            json.WriteString("stage", stage);
            json.WriteString("requestURI", $"{trail.Http.Request.Path}{trail.Http.Request.QueryString}");
            json.WriteString("verb", trail.Info.Verb);
            json.WritePropertyName("user");
            WriteUser(json, trail.User);
            if (trail.ActingAs is { } acting)
            {
                json.WritePropertyName("impersonatedUser");
                WriteUser(json, acting);
            }

            WriteSource(json, trail);
            WriteReference(json, trail);
            if (stage != "RequestReceived")
            {
                WriteOutcome(json, trail);
            }

            WriteTimes(json, trail, now);
            WriteAnnotations(json, trail);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteSource(Utf8JsonWriter json, AuditTrail trail)
    {
        json.WriteStartArray("sourceIPs");
        if (trail.Http.Connection.RemoteIpAddress is { } address)
        {
            json.WriteStringValue((address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
        }

        json.WriteEndArray();
        if (trail.Http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent)
        {
            json.WriteString("userAgent", agent);
        }
    }

    private static void WriteReference(Utf8JsonWriter json, AuditTrail trail)
    {
        var info = trail.Info;
        if (!info.IsResource)
        {
            return;
        }

        json.WriteStartObject("objectRef");
        json.WriteString("resource", info.Plural);
        json.WriteIfAny("namespace", info.Namespace);
        json.WriteIfAny("name", info.Name ?? trail.CreatedName);
        json.WriteIfAny("apiGroup", info.Group);
        json.WriteString("apiVersion", info.Version);
        json.WriteIfAny("subresource", info.Subresource);
        json.WriteEndObject();
    }

    private static void WriteOutcome(Utf8JsonWriter json, AuditTrail trail)
    {
        json.WriteStartObject("responseStatus");
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        if (trail.Refusal is { } refusal)
        {
            json.WriteString("status", "Failure");
            json.WriteString("message", refusal.Message);
            json.WriteIfAny("reason", refusal.Reason);
        }

        json.WriteNumber("code", trail.Http.Response.StatusCode);
        json.WriteEndObject();
        WriteBody(json, "requestObject", RequestObject(trail), trail.Decision.OmitManagedFields);
        WriteBody(json, "responseObject", Parse(trail.Response?.Body ?? default), trail.Decision.OmitManagedFields);
    }

    private static void WriteBody(Utf8JsonWriter json, string name, JsonNode? body, bool omitManagedFields)
    {
        if (body is null)
        {
            return;
        }

        if (omitManagedFields && (body as JsonObject).Child("metadata") is { } metadata)
        {
            metadata.Remove("managedFields");
        }

        json.WritePropertyName(name);
        body.WriteTo(json);
    }

    private static JsonNode? RequestObject(AuditTrail trail)
    {
        if (trail.RequestBody.IsEmpty)
        {
            return null;
        }

        var type = BodyReader.MediaType(trail.Http.Request);
        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            return Parse(trail.RequestBody);
        }

        try
        {
            return BodyReader.Decode(trail.RequestBody, type.EndsWith("yaml", StringComparison.Ordinal) ? BodyReader.Yaml : type, "").Object;
        }
        catch (ApiException)
        {
            // What could not be read was refused, and the refusal says so.
            return null;
        }
    }

    private static JsonNode? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return body.IsEmpty ? null : JsonText.ParseNode(body);
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    private static void WriteTimes(Utf8JsonWriter json, AuditTrail trail, DateTimeOffset now)
    {
        json.WriteString("requestReceivedTimestamp", Format(trail.Received));
        json.WriteString("stageTimestamp", Format(now));
    }

    private static void WriteAnnotations(Utf8JsonWriter json, AuditTrail trail)
    {
        if (trail.Authorization is { } authorization)
        {
            json.WriteStartObject("annotations");
            json.WriteString("authorization.k8s.io/decision", authorization.IsAllowed ? "allow" : "forbid");
            json.WriteString("authorization.k8s.io/reason", authorization.Reason);
            foreach (var (key, value) in trail.Annotations.OrderBy(a => a.Key, StringComparer.Ordinal))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }
    }

    private static void WriteUser(Utf8JsonWriter json, UserInfo? user)
    {
        json.WriteStartObject();
        if (user is not null)
        {
            json.WriteUser(user);
        }

        json.WriteEndObject();
    }

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
