using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealos.ControllerKit.Client;

/// <summary>The API server refused a request or could not be reached; carries the Status it answered.</summary>
public sealed class ApiException : Exception
{
    /// <summary>A refusal with the server's own code, reason and message.</summary>
    public ApiException(int code, string reason, string message, JsonNode? details = null)
        : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    /// <summary>HTTP status code.</summary>
    public int Code { get; }

    /// <summary>Kubernetes' reason, such as <c>NotFound</c> or <c>Invalid</c>.</summary>
    public string Reason { get; }

    /// <summary>The Status' details: causes with field, reason and message.</summary>
    public JsonNode? Details { get; }

    /// <summary>The object does not exist.</summary>
    public bool IsNotFound => Code == (int)HttpStatusCode.NotFound;

    /// <summary>An object of that name exists.</summary>
    public bool IsAlreadyExists => Reason == "AlreadyExists";

    /// <summary>Somebody changed the object since it was read.</summary>
    public bool IsConflict => Code == (int)HttpStatusCode.Conflict && !IsAlreadyExists;

    /// <summary>The version asked for is no longer kept; list again.</summary>
    public bool IsExpired => Code == (int)HttpStatusCode.Gone;

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient => Code is 429 or >= 500 || IsConflict;

    /// <summary>Causes as field and message.</summary>
    public IEnumerable<(string? Field, string? Message)> Causes =>
        (Details?["causes"] as JsonArray ?? []).Select(c => ((string?)c?["field"], (string?)c?["message"]));

    internal static ApiException FromBody(int code, ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (JsonNode.Parse(ref reader) is JsonObject status && (string?)status["kind"] == "Status")
            {
                return new ApiException((int?)status["code"] ?? code, (string?)status["reason"] ?? "Unknown", (string?)status["message"] ?? "", status["details"]?.DeepClone());
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Not a Status: a proxy's page or plain text; fall through to what it says.
        }

        var text = System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 512)]).Trim();
        return new ApiException(code, ((HttpStatusCode)code).ToString(), text.Length == 0 ? $"the server answered {code}" : text);
    }
}
