using System.Buffers.Text;
using System.Text.Json;
using Sealos.Kinds.Core;

namespace Sealos.Node.Volumes;

/// <summary>Keeps the tokens in volumes fresh. What is known about a token is read from the token itself, so it survives a restart.</summary>
internal static class ServiceAccountTokens
{
    /// <summary>How long a token lives when its volume does not say.</summary>
    public const long DefaultSeconds = 3600;

    private const double UsedPart = 0.8;

    // As much as the API server bears.
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>When a token is to be replaced: after four fifths of its life, at the latest after a day. Null when it cannot be read.</summary>
    public static DateTimeOffset? RefreshAt(ReadOnlySpan<byte> token)
    {
        if (Claims(token) is not { } claims || !TryTime(claims, "iat", out var issued) || !TryTime(claims, "exp", out var expires))
        {
            return null;
        }

        var part = (expires - issued) * UsedPart;
        return issued + (part < Longest ? part : Longest);
    }

    /// <summary>Whether a token that lies in a volume already is the pod's, for the audience that is asked for, and fresh.</summary>
    public static bool IsUsable(ReadOnlySpan<byte> token, Pod pod, ServiceAccountTokenProjection projection, DateTimeOffset now) =>
        RefreshAt(token) > now && Claims(token) is { } claims && TryTime(claims, "iat", out var issued) && issued <= now + Leeway && IsFor(claims, pod.Metadata.Uid) && HasAudience(claims, projection.Audience);

    private static JsonElement? Claims(ReadOnlySpan<byte> token)
    {
        var first = token.IndexOf((byte)'.');
        var length = first < 0 ? -1 : token[(first + 1)..].IndexOf((byte)'.');
        if (length < 0)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromUtf8(token.Slice(first + 1, length)));
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    private static bool TryTime(JsonElement claims, string name, out DateTimeOffset time)
    {
        time = default;
        if (claims.ValueKind != JsonValueKind.Object || !claims.TryGetProperty(name, out var value) || !value.TryGetInt64(out var seconds))
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }

    private static bool IsFor(JsonElement claims, string? podUid) =>
        claims.TryGetProperty("kubernetes.io", out var bound) && bound.TryGetProperty("pod", out var pod) && pod.TryGetProperty("uid", out var uid) && uid.GetString() == podUid;

    // Without a wish, the audience is the API server's own, whatever it calls itself.
    private static bool HasAudience(JsonElement claims, string? wanted)
    {
        if (string.IsNullOrEmpty(wanted) || !claims.TryGetProperty("aud", out var audience))
        {
            return string.IsNullOrEmpty(wanted);
        }

        return audience.ValueKind == JsonValueKind.Array ? audience.EnumerateArray().Any(a => a.GetString() == wanted) : audience.GetString() == wanted;
    }
}
