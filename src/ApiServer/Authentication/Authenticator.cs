using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Sealos.ApiServer.Authentication;

/// <summary>
/// Says who makes a request: client certificate, then bearer token (header or WebSocket subprotocol), then
/// nobody. A credential that is there and wrong is refused, never taken for nobody.
/// </summary>
internal sealed class Authenticator(ClientCertificateAuthenticator certificates, TokenAuthenticator tokens)
{
    /// <summary>
    /// The user, or null: answer 401 Unauthorized. Takes an accepted token out of the headers, so that it is neither
    /// logged nor sent on.
    /// </summary>
    public UserInfo? Authenticate(IHeaderDictionary headers, X509Certificate2? clientCertificate)
    {
        if (clientCertificate is not null && certificates.Authenticate(clientCertificate) is { } holder)
        {
            headers.Remove(HeaderNames.Authorization);
            return holder.AsAuthenticated();
        }

        if (BearerToken(headers) is { } bearer)
        {
            var identity = tokens.Authenticate(bearer);
            headers.Remove(HeaderNames.Authorization);
            return identity is null ? null : identity.User.AsAuthenticated();
        }

        var offer = WebSocketToken.Read(headers);
        if (offer.IsMalformed)
        {
            return null;
        }

        if (offer.Token is { } token)
        {
            headers.SecWebSocketProtocol = offer.OtherProtocols;
            return tokens.Authenticate(token) is { } identity ? identity.User.AsAuthenticated() : null;
        }

        return clientCertificate is null ? UserInfo.Anonymous : null;
    }

    // Other schemes say nothing to this server, as in Kubernetes.
    private static string? BearerToken(IHeaderDictionary headers)
    {
        var parts = headers.Authorization.ToString().Trim().Split(' ', 3);
        return parts.Length >= 2 && parts[0].Equals("bearer", StringComparison.OrdinalIgnoreCase) && parts[1].Length > 0 ? parts[1] : null;
    }
}
