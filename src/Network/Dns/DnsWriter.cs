using System.Buffers.Binary;
using System.Text;

namespace Sealos.Network.Dns;

/// <summary>Puts answers on the wire, names that were written before as pointers.</summary>
internal sealed class DnsWriter
{
    private const int LastPointerTarget = 0x3FFF;
    private const ushort Internet = 1;
    private const ushort OurPacketSize = 1232;

    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private byte[] _bytes = new byte[512];
    private int _length;

    private DnsWriter()
    {
    }

    /// <summary>
    /// The answer to a query, in at most <paramref name="limit"/> bytes: first without the extras nobody asked for, then with
    /// the records that fit and the mark that there are more. Some clients never ask again by TCP and live with these.
    /// </summary>
    public static byte[] Write(DnsQuery query, DnsAnswer answer, int limit)
    {
        var bytes = WriteWhole(query, answer, DnsFlags.None);
        if (bytes.Length > limit && !answer.Additional.IsEmpty)
        {
            answer = answer with { Additional = [] };
            bytes = WriteWhole(query, answer, DnsFlags.None);
        }

        while (bytes.Length > limit && !(answer.Records.IsEmpty && answer.Authority.IsEmpty))
        {
            answer = answer with { Records = answer.Records[..(answer.Records.Length * 3 / 4)], Authority = [] };
            bytes = WriteWhole(query, answer, DnsFlags.Truncated);
        }

        return bytes;
    }

    /// <summary>Says that the answer is too long for a packet: the client asks again by TCP.</summary>
    public static byte[] WriteTruncated(DnsQuery query) => WriteWhole(query, DnsAnswer.Of(DnsStatus.NoError), DnsFlags.Truncated);

    /// <summary>A question about a name.</summary>
    public static byte[] WriteQuestion(string name, DnsType type, DnsFlags flags)
    {
        var writer = new DnsWriter();
        writer.WriteUInt16(0);
        writer.WriteUInt16((ushort)flags);
        writer.WriteCounts(1, 0, 0, 0);
        writer.WriteName(name);
        writer.WriteUInt16((ushort)type);
        writer.WriteUInt16(Internet);
        return writer.ToArray();
    }

    /// <summary>A question of our own to another server: the client's, with nothing else of the client's in it.</summary>
    public static byte[] WriteQuestion(DnsQuery query, ushort id)
    {
        var writer = new DnsWriter();
        writer.WriteUInt16(id);
        writer.WriteUInt16((ushort)(DnsFlags.RecursionDesired | (query.Flags & DnsFlags.CheckingDisabled)));
        writer.WriteCounts(1, 0, 0, query.HasEdns ? 1 : 0);
        writer.WriteBytes(query.Question.Span);
        if (query.HasEdns)
        {
            writer.WriteEdns(DnsStatus.NoError, query.WantsSignatures);
        }

        return writer.ToArray();
    }

    public void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
    }

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void WriteName(string name, bool compress = true)
    {
        while (name.Length > 0)
        {
            if (compress && _names.TryGetValue(name, out var seen))
            {
                WriteUInt16((ushort)(0xC000 | seen));
                return;
            }

            if (_length <= LastPointerTarget)
            {
                _names.TryAdd(name, _length);
            }

            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var label = dot < 0 ? name : name[..dot];
            WriteByte((byte)label.Length);
            WriteBytes(Encoding.ASCII.GetBytes(label));
            name = dot < 0 ? "" : name[(dot + 1)..];
        }

        WriteByte(0);
    }

    private static byte[] WriteWhole(DnsQuery query, DnsAnswer answer, DnsFlags extra)
    {
        var writer = new DnsWriter();
        var flags = DnsFlags.Response | DnsFlags.RecursionAvailable | extra | (query.Flags & (DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled));
        flags |= answer.IsAuthoritative ? DnsFlags.Authoritative : DnsFlags.None;
        writer.WriteUInt16(query.Id);
        writer.WriteUInt16((ushort)((int)flags | OpcodeOf(query) | ((int)answer.Status & 0xF)));
        var questions = query.Question.IsEmpty ? 0 : 1;
        writer.WriteCounts(questions, answer.Records.Length, answer.Authority.Length, answer.Additional.Length + (query.HasEdns ? 1 : 0));
        writer.WriteQuestion(query);
        foreach (var record in answer.Records.Concat(answer.Authority).Concat(answer.Additional))
        {
            writer.WriteRecord(record);
        }

        if (query.HasEdns)
        {
            writer.WriteEdns(answer.Status, query.WantsSignatures);
        }

        return writer.ToArray();
    }

    private static int OpcodeOf(DnsQuery query) => (int)query.Flags & 0x7800;

    // The client's own spelling goes back to it; pointers to it serve names of any case.
    private void WriteQuestion(DnsQuery query)
    {
        var name = query.Name;
        var at = _length;
        WriteBytes(query.Question.Span);
        while (name.Length > 0)
        {
            _names.TryAdd(name, at);
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var label = dot < 0 ? name : name[..dot];
            if (label.Contains('\\', StringComparison.Ordinal))
            {
                // Escapes make the text longer than the wire: where the next label starts is not known here.
                break;
            }

            at += label.Length + 1;
            name = dot < 0 ? "" : name[(dot + 1)..];
        }
    }

    private void WriteRecord(DnsRecord record)
    {
        WriteName(record.Name);
        WriteUInt16((ushort)record.Type);
        WriteUInt16(Internet);
        WriteUInt32((uint)record.TimeToLive);
        WriteUInt16(0);
        var start = _length;
        record.WriteData(this);
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(start - 2), (ushort)(_length - start));
    }

    private void WriteEdns(DnsStatus status, bool signatures)
    {
        WriteByte(0);
        WriteUInt16((ushort)DnsType.Opt);
        WriteUInt16(OurPacketSize);
        WriteByte((byte)((int)status >> 4));
        WriteByte(0);
        WriteUInt16((ushort)(signatures ? 0x8000 : 0));
        WriteUInt16(0);
    }

    private void WriteCounts(int questions, int answers, int authorities, int additional)
    {
        WriteUInt16((ushort)questions);
        WriteUInt16((ushort)answers);
        WriteUInt16((ushort)authorities);
        WriteUInt16((ushort)additional);
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }

    private byte[] ToArray() => _bytes[.._length];
}
