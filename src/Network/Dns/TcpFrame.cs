using System.Buffers.Binary;

namespace Sealos.Network.Dns;

/// <summary>Messages over TCP: each with its length in front.</summary>
internal static class TcpFrame
{
    public static byte[] Wrap(byte[] message)
    {
        var frame = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)message.Length);
        message.CopyTo(frame, 2);
        return frame;
    }

    /// <summary>The next message; null when the other side closed or sends more than <paramref name="largest"/>.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, int largest, CancellationToken ct)
    {
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, ct).ConfigureAwait(false) < 2)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(head);
        if (length > largest)
        {
            return null;
        }

        var message = new byte[length];
        return await stream.ReadAtLeastAsync(message, length, throwOnEndOfStream: false, ct).ConfigureAwait(false) < length ? null : message;
    }
}
