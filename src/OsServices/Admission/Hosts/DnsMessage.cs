using System.Buffers.Binary;
using System.Text;

namespace Sealos.OsServices.Admission.Hosts;

/// <summary>A question to DNS and what matters of its answer: texts and aliases. An answer is a stranger's, so every length is checked.</summary>
internal static class DnsMessage
{
    public const ushort Cname = 5;
    public const ushort Txt = 16;

    private const int HeaderLength = 12;
    private const int MostJumps = 16;
    private const int RecordHeader = 10;

    public static byte[] Ask(ushort id, string name, ushort type)
    {
        var labels = name.Split('.');
        var message = new byte[HeaderLength + labels.Sum(l => l.Length + 1) + 1 + 4];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        message[2] = 1;
        message[5] = 1;
        var at = HeaderLength;
        foreach (var label in labels)
        {
            message[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, message.AsSpan(at));
        }

        at++;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at), type);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 2), 1);
        return message;
    }

    /// <summary>The values of a type at the very name that was asked for; null when this is no answer to the question, or not whole.</summary>
    public static IReadOnlyList<string>? Read(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        var isAnswer = message.Length >= question.Length && message[..2].SequenceEqual(question[..2]) && (message[2] & 0x80) != 0 && (message[2] & 0x02) == 0
            && message[4] == 0 && message[5] == 1 && message[HeaderLength..question.Length].SequenceEqual(question[HeaderLength..]);
        if (!isAnswer)
        {
            return null;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(question[^4..]);
        var at = HeaderLength;
        var asked = ReadName(message, ref at);
        at += 4;
        List<string> values = [];
        for (var count = BinaryPrimitives.ReadUInt16BigEndian(message[6..]); count > 0; count--)
        {
            if (ReadName(message, ref at) is not { } owner || at + RecordHeader > message.Length)
            {
                return null;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            var data = at + RecordHeader;
            if (data + length > message.Length)
            {
                return null;
            }

            if (BinaryPrimitives.ReadUInt16BigEndian(message[at..]) == type && owner == asked && ReadValue(message, data, length, type) is { } value)
            {
                values.Add(value);
            }

            at = data + length;
        }

        return values;
    }

    private static string? ReadValue(ReadOnlySpan<byte> message, int at, int length, ushort type)
    {
        if (type == Cname)
        {
            return ReadName(message, ref at);
        }

        var text = new StringBuilder();
        for (var end = at + length; at < end;)
        {
            var part = message[at++];
            if (at + part > end)
            {
                return null;
            }

            text.Append(Encoding.ASCII.GetString(message.Slice(at, part)));
            at += part;
        }

        return text.ToString();
    }

    private static string? ReadName(ReadOnlySpan<byte> message, ref int at)
    {
        var name = new StringBuilder();
        var (position, jumps) = (at, 0);
        while (position < message.Length)
        {
            int length = message[position];
            if (length == 0)
            {
                at = jumps == 0 ? position + 1 : at;
                return name.ToString().ToLowerInvariant();
            }

            if ((length & 0xC0) == 0xC0)
            {
                if (position + 1 >= message.Length || ++jumps > MostJumps)
                {
                    return null;
                }

                at = jumps == 1 ? position + 2 : at;
                position = ((length & 0x3F) << 8) | message[position + 1];
                continue;
            }

            if (length > 63 || position + 1 + length > message.Length)
            {
                return null;
            }

            name.Append(name.Length == 0 ? "" : ".").Append(Encoding.ASCII.GetString(message.Slice(position + 1, length)));
            position += 1 + length;
        }

        return null;
    }
}
