using System.Buffers;
using System.Net.WebSockets;

namespace Sealos.Node.Exec;

/// <summary>
/// Translates the WebSocket protocol <c>v5.channel.k8s.io</c>, in which the first byte of a message names its channel, to SPDY
/// streams: containerd knows no WebSocket protocol in which a client can end its input.
/// </summary>
internal sealed class WebSocketExec(WebSocket socket, SpdyConnection spdy, TimeProvider time)
{
    /// <summary>The subprotocol.</summary>
    public const string Protocol = "v5.channel.k8s.io";

    private const byte Stdin = 0;
    private const byte Stdout = 1;
    private const byte Stderr = 2;
    private const byte Error = 3;
    private const byte Resize = 4;
    private const byte Close = 255;
    private const int BufferSize = 32 * 1024;
    private const int LongestStatus = 64 * 1024;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);
    private static readonly byte[] Broken = """{"metadata":{},"status":"Failure","message":"the container runtime closed the connection before the command ended","reason":"InternalError","code":500}"""u8.ToArray();

    private readonly Dictionary<byte, int> _streams = [];
    private readonly ArrayBufferWriter<byte> _status = new();
    private byte[] _message = new byte[BufferSize];

    /// <summary>Opens the streams and carries everything until the command has ended or the client is gone.</summary>
    public async Task RunAsync(StreamQuery streams, CancellationToken ct)
    {
        await OpenAsync(streams, ct).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var input = InputAsync(stop);
        try
        {
            // An empty message on the first output channel tells the client that it is connected.
            await socket.SendAsync(new[] { _streams.Keys.Where(k => k is Stdout or Stderr or Error).Min() }, WebSocketMessageType.Binary, true, stop.Token).ConfigureAwait(false);
            await OutputAsync(stop.Token).ConfigureAwait(false);
            await SendAsync(Error, _status.WrittenCount > 0 ? _status.WrittenMemory : Broken, stop.Token).ConfigureAwait(false);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", stop.Token).ConfigureAwait(false);

            // The client's own goodbye; closing before it could cut off what is still on its way.
            await input.WaitAsync(Farewell, time, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (Relay.IsConnectionEnd(e))
        {
            // The client is gone.
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await input.ConfigureAwait(false);
    }

    private async Task OpenAsync(StreamQuery streams, CancellationToken ct)
    {
        (byte Channel, string Type, bool IsWanted)[] all =
        [
            (Error, "error", true), (Stdin, "stdin", streams.Stdin), (Stdout, "stdout", streams.Stdout),
            (Stderr, "stderr", streams.Stderr), (Resize, "resize", streams.Tty),
        ];
        foreach (var (channel, type, _) in all.Where(s => s.IsWanted))
        {
            _streams[channel] = await spdy.OpenAsync(type, ct).ConfigureAwait(false);
        }
    }

    private async Task OutputAsync(CancellationToken ct)
    {
        var open = _streams.Where(s => s.Key is Stdout or Stderr or Error).ToDictionary(s => s.Value, s => s.Key);
        while (open.Count > 0 && await spdy.ReadAsync(ct).ConfigureAwait(false) is { } data)
        {
            if (!open.TryGetValue(data.Stream, out var channel))
            {
                continue;
            }

            if (channel == Error)
            {
                Remember(data.Data.Span);
            }
            else if (data.Data.Length > 0)
            {
                await SendAsync(channel, data.Data, ct).ConfigureAwait(false);
            }

            if (data.IsEnd)
            {
                open.Remove(data.Stream);
            }
        }
    }

    private void Remember(ReadOnlySpan<byte> status)
    {
        if (_status.WrittenCount + status.Length <= LongestStatus)
        {
            _status.Write(status);
        }
    }

    private async Task SendAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        if (_message.Length <= data.Length)
        {
            _message = new byte[data.Length + 1];
        }

        _message[0] = channel;
        data.CopyTo(_message.AsMemory(1));
        await socket.SendAsync(_message.AsMemory(0, data.Length + 1), WebSocketMessageType.Binary, true, ct).ConfigureAwait(false);
    }

    private async Task InputAsync(CancellationTokenSource stop)
    {
        try
        {
            await InputAsync(stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (Relay.IsConnectionEnd(e))
        {
            // Ended below.
        }

        if (socket.State is not (WebSocketState.Closed or WebSocketState.CloseSent))
        {
            // The client left first: stop waiting for the command.
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task InputAsync(CancellationToken ct)
    {
        var buffer = new byte[BufferSize];
        byte? channel = null;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), ct).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            // Only the first part of a message names the channel.
            var data = buffer.AsMemory(0, received.Count);
            if (channel is null && data.Length > 0)
            {
                channel = data.Span[0];
                data = data[1..];
            }

            if (channel is { } known)
            {
                await TakeAsync(known, data, ct).ConfigureAwait(false);
            }

            channel = received.EndOfMessage ? null : channel;
        }
    }

    private async Task TakeAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        var isEnd = channel == Close && data.Length > 0 && data.Span[0] == Stdin;
        var isInput = channel is Stdin or Resize && data.Length > 0;
        if ((!isEnd && !isInput) || !_streams.TryGetValue(isEnd ? Stdin : channel, out var stream))
        {
            return;
        }

        try
        {
            await spdy.WriteAsync(stream, isEnd ? default : data, isEnd, ct).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The command has ended without reading all of its input; its output and exit code are still to be delivered.
            _streams.Remove(Stdin);
            _streams.Remove(Resize);
        }
    }
}
