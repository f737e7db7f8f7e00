using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sealos.Network.Gateway.Forwarding;

/// <summary>How a client asks for a WebSocket.</summary>
internal enum TunnelKind
{
    None,

    /// <summary>HTTP/1.1 with Upgrade.</summary>
    Upgrade,

    /// <summary>HTTP/2 with an extended CONNECT.</summary>
    Connect,
}

/// <summary>
/// Recognises WebSocket requests. No other protocol is upgraded to: an app that agreed to HTTP/2 over the same connection would
/// receive requests that no rule of the gateway has seen.
/// </summary>
internal static class TunnelRequest
{
    private const string WebSocket = "websocket";

    public static TunnelKind Of(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            return string.Equals(connect.Protocol, WebSocket, StringComparison.OrdinalIgnoreCase) ? TunnelKind.Connect : TunnelKind.None;
        }

        return context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && HttpMethods.IsGet(context.Request.Method)
            && string.Equals(context.Request.Headers.Upgrade.ToString(), WebSocket, StringComparison.OrdinalIgnoreCase)
            ? TunnelKind.Upgrade
            : TunnelKind.None;
    }
}
