using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sealos.Network_Tests.Dns;

/// <summary>A name server on the internet: answers by UDP and TCP on one port with what the test tells it.</summary>
internal sealed class FakeNameServer : IDisposable
{
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly CancellationTokenSource _stop = new();
    private int _asked;

    public FakeNameServer()
    {
        (_udp, _tcp) = BindBoth();
        _tcp.Listen();
        _ = Task.Run(ServeUdpAsync);
        _ = Task.Run(ServeTcpAsync);
    }

    public IPEndPoint Address => (IPEndPoint)_udp.LocalEndPoint!;

    /// <summary>How many questions came, by either way.</summary>
    public int Asked => _asked;

    /// <summary>Packets to send for a question that came by UDP.</summary>
    public Func<byte[], IEnumerable<byte[]>> OnPacket { get; set; } = _ => [];

    /// <summary>The answer to a question that came by TCP.</summary>
    public Func<byte[], byte[]> OnStream { get; set; } = _ => [];

    public TimeSpan Delay { get; set; }

    // A port that is free for one protocol may be taken for the other.
    private static (Socket Udp, Socket Tcp) BindBoth()
    {
        for (var attempt = 1; ; attempt++)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                udp.Bind(tcp.LocalEndPoint!);
                return (udp, tcp);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < 50)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    /// <summary>Makes a prepared message the answer to a question: its id and its spelling of the name.</summary>
    public static byte[] AnswerTo(byte[] question, byte[] message)
    {
        var bytes = (byte[])message.Clone();
        question.AsSpan(0, 2).CopyTo(bytes);
        var end = 12;
        while (question[end] != 0)
        {
            end += question[end] + 1;
        }

        question.AsSpan(12, end + 5 - 12).CopyTo(bytes.AsSpan(12));
        return bytes;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _udp.Dispose();
        _tcp.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        while (!_stop.IsCancellationRequested)
        {
            var packet = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            Interlocked.Increment(ref _asked);
            var question = buffer[..packet.ReceivedBytes];
            _ = Task.Run(async () =>
            {
                await Task.Delay(Delay, _stop.Token);
                foreach (var reply in OnPacket(question))
                {
                    await _udp.SendToAsync(reply, packet.RemoteEndPoint, _stop.Token);
                }
            });
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            using var client = await _tcp.AcceptAsync(_stop.Token);
            Interlocked.Increment(ref _asked);
            var buffer = new byte[4096];
            var length = await client.ReceiveAsync(buffer, _stop.Token);
            var reply = OnStream(buffer[2..length]);
            var head = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)reply.Length);
            await client.SendAsync((byte[])[.. head, .. reply], _stop.Token);
        }
    }
}
