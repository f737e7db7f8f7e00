using System.Net.WebSockets;
using System.Text;

namespace Sealos.Node.Exec;

/// <summary>A WebSocket as a stream of bytes; where messages begin and end means nothing. As text, what is written goes as base64.</summary>
internal sealed class WebSocketBytes(WebSocket socket, bool isText = false) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return 0;
            }

            // An empty message is no end.
            if (received.Count > 0)
            {
                return received.Count;
            }
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        isText
            ? socket.SendAsync(Encoding.ASCII.GetBytes(Convert.ToBase64String(buffer.Span)).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken)
            : socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
