using System.Text.Json;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>What the browser says a passkey was used for: signed along with what the authenticator says.</summary>
internal sealed record ClientData(string Type, string Challenge, string Origin, bool IsCrossOrigin)
{
    private const int Longest = 4096;

    /// <exception cref="PasskeyProblemException">It is none.</exception>
    public static ClientData Read(byte[] json)
    {
        try
        {
            if (json.Length > Longest)
            {
                throw new JsonException("too long");
            }

            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            var root = document.RootElement;
            var isCrossOrigin = (root.TryGetProperty("crossOrigin", out var cross) && cross.ValueKind != JsonValueKind.False) || root.TryGetProperty("topOrigin", out _);
            return new ClientData(Text(root, "type"), Text(root, "challenge"), Text(root, "origin"), isCrossOrigin);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new PasskeyProblemException("What the browser says cannot be read.", e);
        }
    }

    /// <summary>Refuses what was done for another purpose, or on a page of another site.</summary>
    /// <exception cref="PasskeyProblemException">It was.</exception>
    public void Check(string type, string origin)
    {
        if (Type != type)
        {
            throw new PasskeyProblemException("The passkey was used for something else.");
        }

        if (Origin != origin || IsCrossOrigin)
        {
            throw new PasskeyProblemException("The passkey was used on a page of another site.");
        }
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? throw new JsonException(name);
}
