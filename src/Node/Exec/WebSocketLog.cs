using System.IO.Pipelines;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Sealos.Node.Exec;

/// <summary>Bytes from here to a client over a WebSocket, in the subprotocol that the client offers: as they are, or as base64.</summary>
internal static class WebSocketLog
{
    private const string Binary = "binary.k8s.io";
    private const string Base64 = "base64.binary.k8s.io";

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    /// <summary>Has everything written until it ends or the client leaves.</summary>
    public static async Task RunAsync(HttpContext context, Func<PipeWriter, CancellationToken, Task> write, TimeProvider time, CancellationToken ct)
    {
        var offered = WebSocketHandshake.Offered(context.Request);
        var protocol = offered.Count == 0 ? ""
            : offered.FirstOrDefault(p => p is Binary or Base64)
            ?? throw new RefusedException(StatusCodes.Status403Forbidden, $"none of the subprotocols {string.Join(", ", offered)} is served; use {Binary} or {Base64}");
        using var socket = await WebSocketHandshake.AcceptAsync(context, protocol).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var leaving = LeaveAsync(socket, stop);
        try
        {
            await using var bytes = new WebSocketBytes(socket, isText: protocol == Base64);
            var output = PipeWriter.Create(bytes, new StreamPipeWriterOptions(leaveOpen: true));
            await write(output, stop.Token).ConfigureAwait(false);
            await output.CompleteAsync().ConfigureAwait(false);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", stop.Token).ConfigureAwait(false);

            // The client's own goodbye; closing before it could cut off what is still on its way.
            await leaving.WaitAsync(Farewell, time, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (Relay.IsConnectionEnd(e))
        {
            // The client is gone.
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await leaving.ConfigureAwait(false);
    }

    // A client has nothing to say but that it leaves, and a log that is followed would never notice.
    private static async Task LeaveAsync(WebSocket socket, CancellationTokenSource stop)
    {
        var buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), stop.Token).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
            }

            await stop.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (Relay.IsConnectionEnd(e))
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }
}
