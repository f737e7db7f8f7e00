using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sealos.Node.Exec;

/// <summary>Accepts WebSockets by hand: the framework refuses subprotocols with a slash, and port-forward's has one.</summary>
internal static class WebSocketHandshake
{
    private const string Magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>The subprotocols that the client offers, best first.</summary>
    public static IReadOnlyList<string> Offered(HttpRequest request) =>
        [.. request.Headers.SecWebSocketProtocol.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>Switches the connection to a WebSocket of the given subprotocol.</summary>
    public static async Task<WebSocket> AcceptAsync(HttpContext context, string subprotocol)
    {
        var key = context.Request.Headers.SecWebSocketKey.ToString();
        var response = context.Response.Headers;
        response.Connection = "Upgrade";
        response.Upgrade = "websocket";
        response.SecWebSocketProtocol = subprotocol.Length > 0 ? subprotocol : default;
#pragma warning disable CA5350 // The protocol prescribes SHA-1, and nothing secret hangs on it.
        response.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Magic)));
#pragma warning restore CA5350
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = KeepAlive });
    }
}
