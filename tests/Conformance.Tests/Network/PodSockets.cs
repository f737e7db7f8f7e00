using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sealos.Network_Tests.Dns;
using Sealos.Network_Tests.Nft;
using Sealos.Testing;

namespace Sealos.Conformance_Tests.Network;

/// <summary>Sockets on the network of a pod that runs, in the test's hands: what is sent and what comes is seen to the byte.</summary>
internal sealed class PodSockets(string network)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Where the cluster's DNS answers.</summary>
    public static IPEndPoint Dns { get; } = new(IPAddress.Parse("10.209.0.10"), 53);

    /// <summary>Those of the pod with this UID.</summary>
    public static PodSockets Of(Cloud cloud, string uid)
    {
        var process = cloud.Processes().First(p => LinuxProcess.Read(p, "cgroup").Contains(uid, StringComparison.Ordinal));
        return new PodSockets($"/proc/{process}/ns/net");
    }

    /// <summary>Those of the node.</summary>
    public static PodSockets OfNode { get; } = new("/proc/self/ns/net");

    /// <summary>Answers each packet with a name, until cancelled.</summary>
    public void ServeUdp(int port, string name, CancellationToken ct)
    {
        var socket = Open(SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        _ = Task.Run(
            async () =>
            {
                using var server = socket;
                var buffer = new byte[64];
                while (true)
                {
                    var packet = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), ct);
                    await server.SendToAsync(Encoding.ASCII.GetBytes(name), packet.RemoteEndPoint, ct);
                }
            },
            ct);
    }

    /// <summary>What answers one packet; empty when nothing does.</summary>
    public async Task<string> AskUdpAsync(string address, int port, CancellationToken ct) =>
        Encoding.ASCII.GetString(await AskUdpAsync(new IPEndPoint(IPAddress.Parse(address), port), "?"u8.ToArray(), ct) ?? []);

    /// <summary>What the cluster's DNS answers to a question of a type, over UDP or TCP: the records, without their lives.</summary>
    public async Task<IReadOnlyList<string>> ResolveAsync(string name, int type, bool overTcp, CancellationToken ct)
    {
        var query = Wire.Query(name, type);
        var reply = overTcp ? await AskTcpAsync(Dns, query, ct) : await AskUdpAsync(Dns, query, ct);
        return reply is null ? ["nothing"] : [.. Wire.Read(reply).Answers.Select(WithoutLife).Order(StringComparer.Ordinal)];
    }

    private static string WithoutLife(string record) => string.Join(' ', record.Split(' ').Where((_, i) => i != 1));

    private Socket Open(SocketType type, ProtocolType protocol) => Netns.Run(network, () => new Socket(AddressFamily.InterNetwork, type, protocol));

    private async Task<byte[]?> AskUdpAsync(IPEndPoint server, byte[] packet, CancellationToken ct)
    {
        using var socket = Open(SocketType.Dgram, ProtocolType.Udp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        var buffer = new byte[2048];
        try
        {
            await socket.ConnectAsync(server, limit.Token);
            await socket.SendAsync(packet, limit.Token);
            return buffer[..await socket.ReceiveAsync(buffer, limit.Token)];
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private async Task<byte[]?> AskTcpAsync(IPEndPoint server, byte[] message, CancellationToken ct)
    {
        using var socket = Open(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, ct);
        await using var stream = new NetworkStream(socket);
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Length);
        await stream.WriteAsync((byte[])[.. length, .. message], ct);
        await stream.ReadExactlyAsync(length, ct);
        var reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(reply, ct);
        return reply;
    }
}
