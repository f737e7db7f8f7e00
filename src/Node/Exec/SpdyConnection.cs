using System.Buffers.Binary;
using System.Text;

namespace Sealos.Node.Exec;

/// <summary>What arrived on a SPDY stream; the data is valid until the next read.</summary>
internal readonly record struct SpdyData(int Stream, ReadOnlyMemory<byte> Data, bool IsEnd);

/// <summary>The client's side of SPDY/3.1 as Kubernetes uses it: streams that we open, no flow control.</summary>
/// <remarks>Headers that arrive are skipped: they only answer our own streams, so no shared compression state is needed.</remarks>
internal sealed class SpdyConnection(Stream stream) : IDisposable
{
    private const int HeadLength = 8;
    private const int SynStream = 1;
    private const int ResetStream = 3;
    private const int Ping = 6;
    private const int GoAway = 7;
    private const byte Fin = 1;
    private const int LongestData = 0xffffff;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly byte[] _head = new byte[HeadLength];
    private byte[] _payload = new byte[32 * 1024];
    private int _lastStream = -1;
    private bool _wroteHeaders;

    /// <summary>Opens a stream of the given type, such as <c>stdin</c>.</summary>
    public async Task<int> OpenAsync(string streamType, CancellationToken ct)
    {
        await _writing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            _lastStream += 2;
            var headers = HeaderBlock("streamtype", streamType);
            var frame = new byte[HeadLength + 10 + headers.Length];
            WriteControlHead(frame, SynStream, 10 + headers.Length);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(HeadLength), _lastStream);
            headers.CopyTo(frame.AsSpan(HeadLength + 10));
            await stream.WriteAsync(frame, ct).ConfigureAwait(false);
            return _lastStream;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends data, and with <paramref name="end"/> says that it is the last.</summary>
    public async Task WriteAsync(int id, ReadOnlyMemory<byte> data, bool end, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, LongestData);
        var frame = new byte[HeadLength + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, id);
        WriteLength(frame, data.Length);
        frame[4] = end ? Fin : (byte)0;
        data.CopyTo(frame.AsMemory(HeadLength));
        await SendAsync(frame, ct).ConfigureAwait(false);
    }

    /// <summary>The next data or end of a stream; null when the other side ends the connection. Pings are answered on the way.</summary>
    public async Task<SpdyData?> ReadAsync(CancellationToken ct)
    {
        while (await stream.ReadAtLeastAsync(_head, HeadLength, throwOnEndOfStream: false, ct).ConfigureAwait(false) == HeadLength)
        {
            var length = (_head[5] << 16) | (_head[6] << 8) | _head[7];
            if (length > _payload.Length)
            {
                _payload = new byte[length];
            }

            await stream.ReadExactlyAsync(_payload.AsMemory(0, length), ct).ConfigureAwait(false);
            if ((_head[0] & 0x80) == 0)
            {
                return new SpdyData(BinaryPrimitives.ReadInt32BigEndian(_head), _payload.AsMemory(0, length), (_head[4] & Fin) != 0);
            }

            switch (BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)))
            {
                case ResetStream when length >= 4:
                    return new SpdyData(BinaryPrimitives.ReadInt32BigEndian(_payload) & int.MaxValue, default, IsEnd: true);
                case Ping:
                    await AnswerPingAsync([.. _head, .. _payload.AsSpan(0, length)], ct).ConfigureAwait(false);
                    break;
                case GoAway:
                    return null;
                default:
                    break;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    // Left unanswered while a write is stuck: waiting for that write could keep what unblocks it from being read.
    private async Task AnswerPingAsync(byte[] frame, CancellationToken ct)
    {
        if (_writing.CurrentCount > 0)
        {
            await SendAsync(frame, ct).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(byte[] frame, CancellationToken ct)
    {
        await _writing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(frame, ct).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    // The blocks of all frames form one zlib stream. We only store, which needs no dictionary; each block ends with an
    // empty stored block, without which the reader would wait for more.
    private byte[] HeaderBlock(string name, string value)
    {
        var plain = new byte[12 + name.Length + value.Length];
        BinaryPrimitives.WriteInt32BigEndian(plain, 1);
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(4), name.Length);
        Encoding.ASCII.GetBytes(name, plain.AsSpan(8));
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(8 + name.Length), value.Length);
        Encoding.ASCII.GetBytes(value, plain.AsSpan(12 + name.Length));

        Span<byte> stored = [0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(stored[1..], (ushort)plain.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(stored[3..], (ushort)~plain.Length);
        byte[] start = _wroteHeaders ? [] : [0x78, 0x01];
        _wroteHeaders = true;
        return [.. start, .. stored, .. plain, 0, 0, 0, 0xff, 0xff];
    }

    private static void WriteControlHead(byte[] frame, int type, int length)
    {
        frame[0] = 0x80;
        frame[1] = 3;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)type);
        WriteLength(frame, length);
    }

    private static void WriteLength(byte[] frame, int length)
    {
        frame[5] = (byte)(length >> 16);
        frame[6] = (byte)(length >> 8);
        frame[7] = (byte)length;
    }
}
