using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Sealos.ApiServer.Authentication;

/// <summary>
/// A token that a browser hands over among its WebSocket subprotocols, since it can set no other header.
/// </summary>
internal readonly record struct WebSocketToken(string? Token, string OtherProtocols, bool IsMalformed)
{
    private const string Prefix = "base64url.bearer.authorization.k8s.io.";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static WebSocketToken Read(IHeaderDictionary headers)
    {
        if (!headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        var offered = headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var encoded = offered.Where(p => p.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        if (encoded.Count == 0)
        {
            return default;
        }

        // The answer must name one of the others: the token itself is never sent back.
        var others = string.Join(", ", offered.Except(encoded));
        var token = encoded.Count == 1 ? Decode(encoded[0][Prefix.Length..]) : null;
        return token is null || others.Length == 0 ? new WebSocketToken(null, others, IsMalformed: true) : new WebSocketToken(token, others, IsMalformed: false);
    }

    private static string? Decode(string encoded)
    {
        try
        {
            var token = Strict.GetString(Base64Url.DecodeFromChars(encoded));
            return token.Length > 0 ? token : null;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
