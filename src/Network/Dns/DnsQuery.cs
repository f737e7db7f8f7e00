using System.Buffers.Binary;

namespace Sealos.Network.Dns;

/// <summary>A question a client asked.</summary>
internal sealed class DnsQuery
{
    public const int HeaderLength = 12;

    private const ushort Internet = 1;
    private const int SmallestPacket = 512;

    // Larger packets are cut into fragments on the way, which get lost and can be forged.
    private const int LargestPacket = 1232;

    public ushort Id { get; private init; }

    public DnsFlags Flags { get; private init; }

    /// <summary>The question as it came: name in the client's own case, type and class.</summary>
    public ReadOnlyMemory<byte> Question { get; private init; }

    /// <summary>The name asked for, in lower case and without the last dot.</summary>
    public string Name { get; private init; } = "";

    public DnsType Type { get; private init; }

    /// <summary>Why the question cannot be answered, or <see cref="DnsStatus.NoError"/>.</summary>
    public DnsStatus Defect { get; private init; }

    /// <summary>Whether the client understands EDNS, and so expects it back.</summary>
    public bool HasEdns { get; private init; }

    /// <summary>The client wants signatures too.</summary>
    public bool WantsSignatures { get; private init; }

    /// <summary>The largest UDP answer the client takes.</summary>
    public int MaxPacket { get; private init; } = SmallestPacket;

    /// <summary>Reads a packet; null when it is not a question at all and deserves no answer.</summary>
    public static DnsQuery? Parse(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < HeaderLength)
        {
            return null;
        }

        var id = BinaryPrimitives.ReadUInt16BigEndian(packet);
        var flags = (DnsFlags)BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (flags.HasFlag(DnsFlags.Response))
        {
            return null;
        }

        var opcode = ((int)flags >> 11) & 0xF;
        if (opcode != 0)
        {
            return new DnsQuery { Id = id, Flags = flags, Defect = DnsStatus.NotImplemented };
        }

        return ParseQuestion(packet, id, flags) ?? new DnsQuery { Id = id, Flags = flags, Defect = DnsStatus.FormatError };
    }

    /// <summary>A question of our own, on behalf of a client's: where its answer points to.</summary>
    public DnsQuery About(string name)
    {
        var packet = DnsWriter.WriteQuestion(name, Type, Flags & (DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled));
        return Parse(packet)!;
    }

    private static DnsQuery? ParseQuestion(ReadOnlySpan<byte> packet, ushort id, DnsFlags flags)
    {
        var counts = new SectionCounts(packet);
        var offset = HeaderLength;

        // Nothing stands before the question that it could point to; and its bytes are sent back as they are.
        if (counts.Questions != 1 || counts.Answers != 0 || counts.Authorities != 0
            || !DnsName.TryRead(packet, ref offset, out var name, withPointers: false) || offset + 4 > packet.Length)
        {
            return null;
        }

        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(packet[offset..]);
        var @class = BinaryPrimitives.ReadUInt16BigEndian(packet[(offset + 2)..]);
        offset += 4;
        var question = packet[HeaderLength..offset].ToArray();
        if (!TryFindEdns(packet, offset, counts.Additional, out var edns))
        {
            return null;
        }

        return new DnsQuery
        {
            Id = id,
            Flags = flags,
            Question = question,
            Name = name,
            Type = type,
            Defect = edns is { Version: > 0 } ? DnsStatus.BadVersion : @class == Internet ? DnsStatus.NoError : DnsStatus.Refused,
            HasEdns = edns is not null,
            WantsSignatures = edns is { WantsSignatures: true },
            MaxPacket = Math.Clamp(edns?.PacketSize ?? SmallestPacket, SmallestPacket, LargestPacket),
        };
    }

    private static bool TryFindEdns(ReadOnlySpan<byte> packet, int offset, int records, out Edns? edns)
    {
        edns = null;
        for (var i = 0; i < records; i++)
        {
            if (!DnsRecordHeader.TryRead(packet, ref offset, out var record))
            {
                return false;
            }

            if (record.Type == DnsType.Opt)
            {
                if (edns is not null)
                {
                    return false;
                }

                edns = new Edns(record.Class, (byte)(record.TimeToLive >> 16), (record.TimeToLive & 0x8000) != 0);
            }
        }

        return true;
    }

    private sealed record Edns(int PacketSize, byte Version, bool WantsSignatures);
}

/// <summary>How many records each section of a message announces.</summary>
internal readonly record struct SectionCounts(int Questions, int Answers, int Authorities, int Additional)
{
    public SectionCounts(ReadOnlySpan<byte> message)
        : this(
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[10..]))
    {
    }
}

/// <summary>The part that every record has, and where its data lie.</summary>
internal readonly record struct DnsRecordHeader(int Start, DnsType Type, ushort Class, uint TimeToLive, int DataOffset, int DataLength)
{
    /// <summary>Where the time to live stands in the message.</summary>
    public int TimeToLiveOffset => DataOffset - 6;

    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, out DnsRecordHeader record)
    {
        record = default;
        var start = offset;
        if (!DnsName.TrySkip(message, ref offset) || offset + 10 > message.Length)
        {
            return false;
        }

        var fields = message[offset..];
        int length = BinaryPrimitives.ReadUInt16BigEndian(fields[8..]);
        record = new DnsRecordHeader(
            start,
            (DnsType)BinaryPrimitives.ReadUInt16BigEndian(fields),
            BinaryPrimitives.ReadUInt16BigEndian(fields[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(fields[4..]),
            offset + 10,
            length);
        offset += 10 + length;
        return offset <= message.Length;
    }
}
