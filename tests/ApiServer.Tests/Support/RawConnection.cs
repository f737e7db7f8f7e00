using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sealos.ApiServer.Tests.Support;

/// <summary>A connection on which a test sends whatever it likes, as slowly as it likes.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private Stream _stream;

    private RawConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Connects, from that address of the machine, and says nothing.</summary>
    public static async Task<RawConnection> OpenAsync(Uri server, string from, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 16 * 1024 };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, ct);
        return new RawConnection(socket);
    }

    /// <summary>Connects and shakes hands.</summary>
    public static async Task<RawConnection> OpenTlsAsync(Uri server, X509Certificate2? certificate, CancellationToken ct, SslApplicationProtocol? protocol = null, string from = "127.0.0.1")
    {
        var connection = await OpenAsync(server, from, ct);
        var tls = new SslStream(connection._stream);
        connection._stream = tls;
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = certificate is null ? null : [certificate],
                ApplicationProtocols = [protocol ?? SslApplicationProtocol.Http11],

                // Only the server is tested here.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
            ct);
        return connection;
    }

    public Task SendAsync(string text, CancellationToken ct) => SendAsync(Encoding.ASCII.GetBytes(text), ct);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await _stream.WriteAsync(bytes, ct);
        await _stream.FlushAsync(ct);
    }

    /// <summary>What comes until the server closes the connection.</summary>
    public async Task<string> ReadToEndAsync(CancellationToken ct)
    {
        var bytes = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(bytes, ct);
        }
        catch (IOException)
        {
            // Reset: closed as well.
        }

        return Encoding.Latin1.GetString(bytes.ToArray());
    }

    /// <summary>A frame of HTTP/2.</summary>
    public static byte[] Frame(byte type, byte flags, int stream, params ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
