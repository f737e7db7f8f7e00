using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Sealos.Network_Tests.Nft;

/// <summary>
/// The first two packets of an SCTP association, made by hand: they say whether packets find their way there and back, also
/// on a kernel that has no SCTP of its own.
/// </summary>
public static class SctpPackets
{
    private const int InterNetwork = 2;
    private const int Raw = 3;
    private const int Protocol = 132;
    private const byte Init = 1;
    private const byte InitAck = 2;
    private const uint ClientTag = 0x01020304;

    /// <summary>Answers on every port with its name, of up to three letters, and the port that was asked for.</summary>
    public static void Serve(string ns, string name, CancellationToken ct)
    {
        var socket = Open(ns);
        _ = Task.Run(
            async () =>
            {
                using var server = socket;
                var buffer = new byte[512];
                while (true)
                {
                    var packet = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), ct);
                    var (from, to, chunk, _) = Read(buffer.AsSpan(0, packet.ReceivedBytes));
                    if (chunk == Init)
                    {
                        var tag = BinaryPrimitives.ReadUInt32BigEndian(Encoding.ASCII.GetBytes(name.PadRight(4)));
                        await server.SendToAsync(Write((to, from), ClientTag, InitAck, tag), packet.RemoteEndPoint, ct);
                    }
                }
            },
            ct);
    }

    /// <summary>Who answers at an address and port, and from which port; nothing when nobody does.</summary>
    public static async Task<string> AskAsync(string ns, string address, ushort port)
    {
        using var socket = Open(ns);
        using var limit = new CancellationTokenSource(PacketLab.Brief);
        var (own, there) = ((ushort)Random.Shared.Next(20_000, 60_000), new IPEndPoint(IPAddress.Parse(address), 0));
        try
        {
            await socket.SendToAsync(Write((own, port), 0, Init, ClientTag), there, limit.Token);
            var buffer = new byte[512];
            while (true)
            {
                var packet = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), limit.Token);
                var (from, to, chunk, tag) = Read(buffer.AsSpan(0, packet.ReceivedBytes));
                if (to == own && chunk == InitAck && ((IPEndPoint)packet.RemoteEndPoint).Address.Equals(there.Address))
                {
                    return $"{Encoding.ASCII.GetString(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(tag))).Trim()} {from}";
                }
            }
        }
        catch (OperationCanceledException)
        {
            return "Nothing";
        }
    }

    // The class library knows no such protocol, but takes a socket of it.
    private static Socket Open(string ns) => Netns.Run(ns, () => NewSocket(InterNetwork, Raw, Protocol) is var handle and >= 0
        ? new Socket(new SafeSocketHandle(handle, ownsHandle: true))
        : throw new InvalidOperationException($"no raw socket: error {Marshal.GetLastPInvokeError()}"));

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern int NewSocket(int domain, int type, int protocol);

    private static (ushort From, ushort To, byte Chunk, uint Tag) Read(ReadOnlySpan<byte> packet)
    {
        var sctp = packet[((packet[0] & 15) * 4)..];
        return (BinaryPrimitives.ReadUInt16BigEndian(sctp), BinaryPrimitives.ReadUInt16BigEndian(sctp[2..]), sctp[12], BinaryPrimitives.ReadUInt32BigEndian(sctp[16..]));
    }

    // Connection tracking drops a packet whose checksum is wrong, and an answer that does not carry the tag it was told.
    private static byte[] Write((ushort From, ushort To) ports, uint verification, byte chunk, uint tag)
    {
        var packet = new byte[32];
        BinaryPrimitives.WriteUInt16BigEndian(packet, ports.From);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), ports.To);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), verification);
        packet[12] = chunk;
        packet[15] = 20;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), tag);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(20), 65536);
        packet[25] = packet[27] = 1;
        var sum = packet.Aggregate(uint.MaxValue, BitOperations.Crc32C);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), ~sum);
        return packet;
    }
}
