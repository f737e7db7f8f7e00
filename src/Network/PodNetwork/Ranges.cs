using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sealos.Network.PodNetwork;

internal static class Ranges
{
    /// <summary>The first usable address.</summary>
    public static IPAddress First(this IPNetwork range)
    {
        Span<byte> bytes = stackalloc byte[4];
        range.BaseAddress.TryWriteBytes(bytes, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) + 1);
        return new IPAddress(bytes);
    }

    public static bool Overlaps(this IPNetwork a, IPNetwork b) => a.Contains(b.BaseAddress) || b.Contains(a.BaseAddress);

    public static void RequireIPv4(this IPNetwork range, string option)
    {
        if (range.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
        {
            throw new ArgumentException($"{option} {range}: IPv6 is not supported yet");
        }

        if (range.PrefixLength is < 8 or > 28)
        {
            throw new ArgumentException($"{option} {range}: the prefix must be between /8 and /28");
        }
    }
}
