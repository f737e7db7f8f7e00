using System.Buffers.Binary;

namespace Sealos.Objects.Serialization;

/// <summary>Walks the fields of one protobuf message.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>The number of the current field.</summary>
    public int Number { get; private set; }

    /// <summary>The wire type of the current field.</summary>
    public int Wire { get; private set; }

    /// <summary>The current field's value when it is a varint or fixed number.</summary>
    public ulong Value { get; private set; }

    /// <summary>The current field's value when it has a length.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Moves to the next field.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        (Number, Wire) = ((int)(tag >> 3), (int)(tag & 7));
        if (Number <= 0)
        {
            throw Broken();
        }

        switch (Wire)
        {
            case 0:
                Value = Varint();
                break;
            case 1:
                Value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw Broken();
        }

        return true;
    }

    /// <summary>Reads a varint from the bytes of a packed list.</summary>
    public static ulong TakeVarint(ref ReadOnlySpan<byte> packed)
    {
        var reader = new WireReader(packed);
        var value = reader.Varint();
        packed = reader._rest;
        return value;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Take(1)[0];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Broken();
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw Broken();
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    private static DecodeException Broken() => new("the protobuf body is cut short or malformed");
}
