using System.Buffers;
using System.Text.Json;

namespace Sealos.ApiServer.Authentication;

/// <summary>What a service-account token says.</summary>
internal sealed record TokenClaims(string Namespace, TokenReference ServiceAccount)
{
    public required string Issuer { get; init; }

    public required string Id { get; init; }

    public required IReadOnlyList<string> Audiences { get; init; }

    public required long IssuedAt { get; init; }

    public required long NotBefore { get; init; }

    public required long Expires { get; init; }

    /// <summary>When a client should have come for another one; only in tokens that live longer than they say.</summary>
    public long? WarnAfter { get; init; }

    public TokenReference? Pod { get; init; }

    public TokenReference? Secret { get; init; }

    public TokenReference? Node { get; init; }

    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("aud");
            foreach (var audience in Audiences)
            {
                writer.WriteStringValue(audience);
            }

            writer.WriteEndArray();
            writer.WriteNumber("exp", Expires);
            writer.WriteNumber("iat", IssuedAt);
            writer.WriteString("iss", Issuer);
            writer.WriteString("jti", Id);
            writer.WriteStartObject("kubernetes.io");
            writer.WriteString("namespace", Namespace);
            WriteReference(writer, "node", Node);
            WriteReference(writer, "pod", Pod);
            WriteReference(writer, "secret", Secret);
            WriteReference(writer, "serviceaccount", ServiceAccount);
            if (WarnAfter is { } warnAfter)
            {
                writer.WriteNumber("warnafter", warnAfter);
            }

            writer.WriteEndObject();
            writer.WriteNumber("nbf", NotBefore);
            writer.WriteString("sub", $"system:serviceaccount:{Namespace}:{ServiceAccount.Name}");
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null when it is not a token of ours.</summary>
    public static TokenClaims? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            var ours = root.GetProperty("kubernetes.io");
            return new TokenClaims(Text(ours, "namespace"), ReadReference(ours, "serviceaccount") ?? throw new FormatException("no service account"))
            {
                Issuer = Text(root, "iss"),
                Id = Text(root, "jti"),
                Audiences = [.. root.GetProperty("aud").EnumerateArray().Select(a => a.GetString() ?? "")],
                IssuedAt = root.GetProperty("iat").GetInt64(),
                NotBefore = root.GetProperty("nbf").GetInt64(),
                Expires = root.GetProperty("exp").GetInt64(),
                Pod = ReadReference(ours, "pod"),
                Secret = ReadReference(ours, "secret"),
                Node = ReadReference(ours, "node"),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void WriteReference(Utf8JsonWriter writer, string name, TokenReference? reference)
    {
        if (reference is not null)
        {
            writer.WriteStartObject(name);
            writer.WriteString("name", reference.Name);
            writer.WriteString("uid", reference.Uid);
            writer.WriteEndObject();
        }
    }

    private static TokenReference? ReadReference(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var reference)
            ? new TokenReference(Text(reference, "name"), Text(reference, "uid"))
            : null;

    private static string Text(JsonElement parent, string name) =>
        parent.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");
}
