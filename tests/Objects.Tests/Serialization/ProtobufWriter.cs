using System.Text;

namespace Sealos.Objects.Tests.Serialization;

/// <summary>Writes protobuf bodies for tests.</summary>
internal sealed class ProtobufWriter
{
    private readonly List<byte> _bytes = [];

    public static byte[] Envelope(string apiVersion, string kind, Action<ProtobufWriter> raw)
    {
        var envelope = new ProtobufWriter().Message(1, t => t.Text(1, apiVersion).Text(2, kind)).Message(2, raw);
        return [.. "k8s\0"u8, .. envelope._bytes];
    }

    public ProtobufWriter Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public ProtobufWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Bytes(int field, byte[] value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public ProtobufWriter Message(int field, Action<ProtobufWriter> write)
    {
        var message = new ProtobufWriter();
        write(message);
        return Bytes(field, [.. message._bytes]);
    }

    public ProtobufWriter Append(ProtobufWriter other)
    {
        _bytes.AddRange(other._bytes);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
