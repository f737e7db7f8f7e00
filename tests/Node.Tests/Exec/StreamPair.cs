using System.Net;
using System.Net.Sockets;

namespace Sealos.Node.Tests.Exec;

/// <summary>Two ends of a connection over loopback.</summary>
internal static class StreamPair
{
    public static async Task<(NetworkStream Near, NetworkStream Far)> CreateAsync(CancellationToken ct)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var accepting = listener.AcceptSocketAsync(ct);
        await client.ConnectAsync(listener.LocalEndpoint, ct);
        return (new NetworkStream(client, ownsSocket: true), new NetworkStream(await accepting, ownsSocket: true));
    }
}
