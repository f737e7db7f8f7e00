using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Sealos.Node.Tests.Exec;

/// <summary>The server's side of SPDY/3.1, as far as containerd's streaming server shows it.</summary>
internal sealed class SpdyPeer(Stream stream)
{
    private readonly MemoryStream _headerBytes = new();
    private long _headersRead;

    /// <summary>The streams that were opened: type by id.</summary>
    public Dictionary<int, string> Streams { get; } = [];

    /// <summary>The id of the stream of a type.</summary>
    public int this[string type] => Streams.Single(s => s.Value == type).Key;

    /// <summary>The next frame: a description for control frames, the data for others.</summary>
    public async Task<(int Stream, string Text, bool IsEnd)> ReadAsync(CancellationToken ct)
    {
        var head = new byte[8];
        await stream.ReadExactlyAsync(head, ct);
        var payload = new byte[(head[5] << 16) | (head[6] << 8) | head[7]];
        await stream.ReadExactlyAsync(payload, ct);
        if ((head[0] & 0x80) == 0)
        {
            return (BinaryPrimitives.ReadInt32BigEndian(head), Encoding.UTF8.GetString(payload), head[4] == 1);
        }

        if (head[3] != 1)
        {
            return (0, $"control {head[3]} {Convert.ToHexStringLower(payload)}", false);
        }

        var id = BinaryPrimitives.ReadInt32BigEndian(payload);
        Streams[id] = ReadHeaders(payload[10..])["streamtype"];
        return (id, $"opened {Streams[id]}", false);
    }

    /// <summary>Reads until so many streams have been opened.</summary>
    public async Task WaitForStreamsAsync(int count, CancellationToken ct)
    {
        while (Streams.Count < count)
        {
            await ReadAsync(ct);
        }
    }

    public Task WriteAsync(string type, string text, bool end, CancellationToken ct) => WriteAsync(this[type], Encoding.UTF8.GetBytes(text), end, ct);

    public async Task WriteAsync(int id, byte[] data, bool end, CancellationToken ct)
    {
        var frame = new byte[8 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, id);
        frame[4] = end ? (byte)1 : (byte)0;
        (frame[5], frame[6], frame[7]) = ((byte)(data.Length >> 16), (byte)(data.Length >> 8), (byte)data.Length);
        data.CopyTo(frame, 8);
        await stream.WriteAsync(frame, ct);
    }

    public async Task WriteControlAsync(int type, byte[] payload, CancellationToken ct) =>
        await stream.WriteAsync((byte[])[0x80, 3, 0, (byte)type, 0, 0, 0, (byte)payload.Length, .. payload], ct);

    // All header blocks of a connection are one zlib stream; each ends on a byte boundary, so what is there so far can be read.
    private Dictionary<string, string> ReadHeaders(byte[] block)
    {
        _headerBytes.Position = _headerBytes.Length;
        _headerBytes.Write(block);
        _headerBytes.Position = 0;
        using var zlib = new ZLibStream(_headerBytes, CompressionMode.Decompress, leaveOpen: true);
        zlib.ReadExactly(new byte[_headersRead]);
        var headers = new Dictionary<string, string>();
        var count = ReadNumber(zlib);
        for (var i = 0; i < count; i++)
        {
            var name = ReadText(zlib);
            headers[name] = ReadText(zlib);
        }

        return headers;
    }

    private int ReadNumber(ZLibStream zlib)
    {
        var bytes = new byte[4];
        zlib.ReadExactly(bytes);
        _headersRead += 4;
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    private string ReadText(ZLibStream zlib)
    {
        var bytes = new byte[ReadNumber(zlib)];
        zlib.ReadExactly(bytes);
        _headersRead += bytes.Length;
        return Encoding.UTF8.GetString(bytes);
    }
}
