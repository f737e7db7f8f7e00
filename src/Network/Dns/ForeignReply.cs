using System.Buffers.Binary;

namespace Sealos.Network.Dns;

/// <summary>Another server's answer: passed on byte for byte, but for its id, its question's spelling and its times.</summary>
internal sealed class ForeignReply
{
    private const int LongestLife = 3600;
    private const int LongestAbsence = 300;

    private readonly byte[] _message;
    private readonly int[] _lifeOffsets;

    private ForeignReply(byte[] message, int[] lifeOffsets)
    {
        _message = message;
        _lifeOffsets = lifeOffsets;
    }

    public DnsStatus Status { get; private init; }

    public bool IsTruncated { get; private init; }

    /// <summary>Seconds it may be kept; 0 for not at all.</summary>
    public int Life { get; private init; }

    public int Length => _message.Length;

    /// <summary>Reads an answer; null when it is malformed or answers another question: such may be forged and are not to be believed.</summary>
    public static ForeignReply? Parse(byte[] message, DnsQuery query, ushort id)
    {
        if (message.Length < DnsQuery.HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(message) != id)
        {
            return null;
        }

        var flags = (DnsFlags)BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(2));
        var counts = new SectionCounts(message);
        var offset = DnsQuery.HeaderLength + query.Question.Length;
        if (!flags.HasFlag(DnsFlags.Response) || counts.Questions != 1 || offset > message.Length || !IsSameQuestion(message, query))
        {
            return null;
        }

        var isTruncated = flags.HasFlag(DnsFlags.Truncated);
        var lives = new List<int>();
        var life = new Lifespan(LongestLife);
        for (var i = 0; i < counts.Answers + counts.Authorities + counts.Additional; i++)
        {
            if (!DnsRecordHeader.TryRead(message, ref offset, out var record))
            {
                return isTruncated ? new ForeignReply(message, []) { IsTruncated = true } : null;
            }

            if (record.Type != DnsType.Opt)
            {
                lives.Add(record.TimeToLiveOffset);
                life.See(message, record, isAuthority: i >= counts.Answers && i < counts.Answers + counts.Authorities);
            }
        }

        var status = (DnsStatus)((int)flags & 0xF);
        return new ForeignReply(message, [.. lives])
        {
            Status = status,
            IsTruncated = isTruncated,
            Life = isTruncated ? 0 : life.Of(status, counts.Answers),
        };
    }

    /// <summary>The answer for one client, <paramref name="age"/> seconds after it came; cut to a header where it is longer than the client takes.</summary>
    public byte[] For(DnsQuery query, int age, int limit)
    {
        if (_message.Length > limit)
        {
            return DnsWriter.WriteTruncated(query);
        }

        var bytes = (byte[])_message.Clone();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, query.Id);
        query.Question.Span.CopyTo(bytes.AsSpan(DnsQuery.HeaderLength));
        foreach (var offset in _lifeOffsets)
        {
            var left = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(offset));
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(offset), left > age ? left - (uint)age : 0);
        }

        return bytes;
    }

    /// <summary>The records of its answer that lead from a name to addresses.</summary>
    public IReadOnlyList<DnsRecord> Records(int age)
    {
        var records = new List<DnsRecord>();
        var offset = DnsQuery.HeaderLength;
        DnsName.TrySkip(_message, ref offset);
        offset += 4;
        for (var i = 0; i < new SectionCounts(_message).Answers && DnsRecordHeader.TryRead(_message, ref offset, out var header); i++)
        {
            var at = header.Start;
            var data = header.DataOffset;
            var life = (int)Math.Clamp((long)header.TimeToLive - age, 0, LongestLife);
            if (!DnsName.TryRead(_message, ref at, out var owner) || !DnsName.IsValid(owner))
            {
                continue;
            }

            if (header.Type is DnsType.A or DnsType.Aaaa)
            {
                records.Add(new OpaqueRecord(owner, header.Type, life, _message[data..(data + header.DataLength)]));
            }
            else if (header.Type == DnsType.Cname && DnsName.TryRead(_message, ref data, out var target) && DnsName.IsValid(target))
            {
                records.Add(new NameRecord(owner, DnsType.Cname, life, target));
            }
        }

        return records;
    }

    private static bool IsSameQuestion(ReadOnlySpan<byte> message, DnsQuery query)
    {
        var theirs = message.Slice(DnsQuery.HeaderLength, query.Question.Length);
        var ours = query.Question.Span;
        for (var i = 0; i < ours.Length; i++)
        {
            if (Lower(theirs[i]) != Lower(ours[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static int Lower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? b + 32 : b;

    /// <summary>How long an answer may be kept: as its shortest-lived record; one that says there is nothing, as its zone says.</summary>
    private struct Lifespan(int longest)
    {
        private long _shortest = longest;
        private long? _absence;

        public void See(ReadOnlySpan<byte> message, DnsRecordHeader record, bool isAuthority)
        {
            _shortest = Math.Min(_shortest, record.TimeToLive);
            if (isAuthority && record.Type == DnsType.Soa && record.DataLength >= 4)
            {
                var minimum = BinaryPrimitives.ReadUInt32BigEndian(message[(record.DataOffset + record.DataLength - 4)..]);
                _absence = Math.Min(record.TimeToLive, minimum);
            }
        }

        public readonly int Of(DnsStatus status, int answers) => status switch
        {
            DnsStatus.NoError when answers > 0 => (int)_shortest,
            DnsStatus.NoError or DnsStatus.NoSuchName => (int)Math.Min(_absence ?? 0, LongestAbsence),
            _ => 0,
        };
    }
}
