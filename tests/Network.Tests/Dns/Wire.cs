using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Sealos.Network_Tests.Dns;

/// <summary>DNS messages as an independent client writes and reads them.</summary>
internal static class Wire
{
    public static byte[] Query(string name, int type, ushort id = 77, int? packetSize = null, int flags = 0x0100)
    {
        var bytes = new List<byte>();
        foreach (var word in new[] { id, flags, 1, 0, 0, packetSize is null ? 0 : 1 })
        {
            Word(bytes, word);
        }

        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.Latin1.GetBytes(label));
        }

        bytes.Add(0);
        Word(bytes, type);
        Word(bytes, 1);
        if (packetSize is { } size)
        {
            bytes.AddRange([0, 0, 41]);
            Word(bytes, size);
            bytes.AddRange([0, 0, 0, 0, 0, 0]);
        }

        return [.. bytes];
    }

    public static Reply Read(byte[] message)
    {
        int Number(int at) => BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at));
        var offset = 12;
        var questions = new List<string>();
        for (var i = 0; i < Number(4); i++)
        {
            questions.Add($"{Name(message, ref offset)} {Number(offset)}");
            offset += 4;
        }

        List<string> Section(int count)
        {
            var records = new List<string>();
            for (var i = 0; i < count; i++)
            {
                records.Add(Record(message, ref offset));
            }

            return records;
        }

        var reply = new Reply(Number(0), Number(2), questions, Section(Number(6)), Section(Number(8)), Section(Number(10)));
        return offset == message.Length ? reply : throw new InvalidDataException($"{message.Length - offset} bytes behind the message");
    }

    private static string Record(byte[] message, ref int offset)
    {
        int Number(int at) => BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at));
        var owner = Name(message, ref offset);
        var type = Number(offset);
        var life = BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(offset + 4));
        var length = Number(offset + 8);
        var data = offset + 10;
        offset = data + length;
        return type switch
        {
            1 => $"{owner} {life} A {new IPAddress(message.AsSpan(data, length))}",
            28 => $"{owner} {life} AAAA {new IPAddress(message.AsSpan(data, length))}",
            2 => $"{owner} {life} NS {Name(message, ref data)}",
            5 => $"{owner} {life} CNAME {Name(message, ref data)}",
            12 => $"{owner} {life} PTR {Name(message, ref data)}",
            6 => $"{owner} {life} SOA {Name(message, ref data)}",
            16 => $"{owner} {life} TXT {Encoding.ASCII.GetString(message, data + 1, message[data])}",
            33 => $"{owner} {life} SRV {Number(data)} {Number(data + 2)} {Number(data + 4)} {Target(message, data + 6)}",
            41 => "OPT",
            _ => $"{owner} {life} TYPE{type}",
        };
    }

    private static string Target(byte[] message, int offset) => Name(message, ref offset);

    private static string Name(byte[] message, ref int offset)
    {
        var labels = new List<string>();
        var at = offset;
        var jumped = false;
        while (message[at] != 0)
        {
            if (message[at] >= 0xC0)
            {
                if (!jumped)
                {
                    offset = at + 2;
                }

                jumped = true;
                at = ((message[at] & 0x3F) << 8) | message[at + 1];
                continue;
            }

            labels.Add(Encoding.Latin1.GetString(message, at + 1, message[at]));
            at += message[at] + 1;
        }

        if (!jumped)
        {
            offset = at + 1;
        }

        return string.Join('.', labels);
    }

    private static void Word(List<byte> bytes, int value) => bytes.AddRange([(byte)(value >> 8), (byte)value]);
}

internal sealed record Reply(int Id, int Flags, List<string> Questions, List<string> Answers, List<string> Authorities, List<string> Additional)
{
    public int Status => Flags & 0xF;

    public bool IsAuthoritative => (Flags & 0x0400) != 0;

    public bool IsTruncated => (Flags & 0x0200) != 0;
}
