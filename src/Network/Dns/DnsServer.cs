using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Sealos.Network.Dns;

/// <summary>One address that questions come to, by UDP and by TCP.</summary>
internal sealed partial class DnsServer : IDisposable
{
    private const int LargestQuestion = 4096;
    private const int UdpBacklogBytes = 1 << 20;
    private static readonly TimeSpan TcpIdle = TimeSpan.FromSeconds(10);

    private readonly Resolver _resolver;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly ClientLimits _questions = new(perClient: 100, together: 1000);
    private readonly ClientLimits _connections = new(perClient: 32, together: 256);

    private DnsServer(Resolver resolver, TimeProvider time, ILogger logger, Socket udp, Socket tcp)
    {
        _resolver = resolver;
        _time = time;
        _logger = logger;
        _udp = udp;
        _tcp = tcp;
    }

    public IPEndPoint EndPoint => (IPEndPoint)_udp.LocalEndPoint!;

    /// <summary>Takes an address; it need not be on any device yet.</summary>
    /// <exception cref="IOException">The address is taken or not allowed; the message says which.</exception>
    public static DnsServer Bind(IPEndPoint address, Resolver resolver, TimeProvider time, ILogger logger)
    {
        var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = UdpBacklogBytes };
        var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            tcp.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            FreeBind(udp);
            FreeBind(tcp);
            // TCP first: of a port left to the system, UDP's twin is seldom taken, while TCP's is by any connection.
            tcp.Bind(address);
            tcp.Listen();
            udp.Bind(tcp.LocalEndPoint!);
            return new DnsServer(resolver, time, logger, udp, tcp);
        }
        catch (SocketException e)
        {
            udp.Dispose();
            tcp.Dispose();
            throw new IOException($"DNS cannot listen on {address}: {e.Message}", e);
        }
    }

    public Task RunAsync(CancellationToken ct) => Task.WhenAll(ReceiveAsync(ct), AcceptAsync(ct));

    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
    }

    // The node's device may come up after us, and go and come while we stay.
    private static void FreeBind(Socket socket)
    {
        const int Ip = 0;
        const int IpFreeBind = 15;
        socket.SetRawSocketOption(Ip, IpFreeBind, BitConverter.GetBytes(1));
    }

    private async Task ReceiveAsync(CancellationToken ct)
    {
        var buffer = new byte[LargestQuestion];
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var packet = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), ct).ConfigureAwait(false);
                if (DnsQuery.Parse(buffer.AsSpan(0, packet.ReceivedBytes)) is { } query)
                {
                    await AnswerPacketAsync(query, (IPEndPoint)packet.RemoteEndPoint, ct).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                // A client that is gone, or no memory for its packet: nothing that ends the service.
                Log.PacketLost(_logger, e.SocketErrorCode);
            }
        }
    }

    private async ValueTask AnswerPacketAsync(DnsQuery query, IPEndPoint client, CancellationToken ct)
    {
        if (TryAnswer(query, query.MaxPacket, out var reply))
        {
            await _udp.SendToAsync(reply, client, ct).ConfigureAwait(false);
        }
        else if (_questions.TryEnter(client.Address))
        {
            _ = AnswerPacketLaterAsync(query, client, ct);
        }
        else
        {
            await _udp.SendToAsync(Failure(query), client, ct).ConfigureAwait(false);
        }
    }

    private async Task AnswerPacketLaterAsync(DnsQuery query, IPEndPoint client, CancellationToken ct)
    {
        try
        {
            var reply = await AnswerAsync(query, query.MaxPacket, ct).ConfigureAwait(false);
            await _udp.SendToAsync(reply, client, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone, or we are going; it asks again.
        }
        finally
        {
            _questions.Leave(client.Address);
        }
    }

    private async Task AcceptAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var socket = await _tcp.AcceptAsync(ct).ConfigureAwait(false);
                var client = (socket.RemoteEndPoint as IPEndPoint)?.Address;
                if (client is null || !_connections.TryEnter(client))
                {
                    socket.Dispose();
                    continue;
                }

                _ = ServeConnectionAsync(socket, client, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                // No file descriptors left, most likely: give them a moment to come back.
                Log.PacketLost(_logger, e.SocketErrorCode);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeConnectionAsync(Socket socket, IPAddress client, CancellationToken ct)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (true)
            {
                using var idle = new CancellationTokenSource(TcpIdle, _time);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, ct);
                var message = await TcpFrame.ReadAsync(stream, LargestQuestion, limit.Token).ConfigureAwait(false);
                if (message is null || DnsQuery.Parse(message) is not { } query)
                {
                    return;
                }

                var reply = await AnswerAsync(query, ushort.MaxValue, limit.Token).ConfigureAwait(false);
                await stream.WriteAsync(TcpFrame.Wrap(reply), limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The client left or fell silent.
        }
        finally
        {
            _connections.Leave(client);
        }
    }

    // The boundary of a question: whatever goes wrong inside costs this one answer.
    private bool TryAnswer(DnsQuery query, int limit, out byte[] reply)
    {
        try
        {
            return _resolver.TryAnswer(query, limit, out reply);
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e);
            reply = Failure(query);
            return true;
        }
    }

    private async Task<byte[]> AnswerAsync(DnsQuery query, int limit, CancellationToken ct)
    {
        try
        {
            return await _resolver.AnswerAsync(query, limit, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Failed(_logger, e);
            return Failure(query);
        }
    }

    private static byte[] Failure(DnsQuery query) => DnsWriter.Write(query, DnsAnswer.Of(DnsStatus.ServerFailure), query.MaxPacket);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "a packet or connection was lost: {Error}")]
        public static partial void PacketLost(ILogger logger, SocketError error);

        [LoggerMessage(2, LogLevel.Error, "a question could not be answered")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
