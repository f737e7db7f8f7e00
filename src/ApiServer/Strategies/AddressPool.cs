using System.Buffers.Binary;
using System.Net;

namespace Sealos.ApiServer.Strategies;

/// <summary>
/// The addresses Services can have. Those that are chosen by people are best taken from the lower band, so the others
/// are given out from above it, as Kubernetes does.
/// </summary>
internal sealed class AddressPool
{
    private readonly Lock _gate = new();
    private readonly HashSet<uint> _taken = [];
    private readonly uint _first;
    private readonly uint _size;
    private readonly uint _lowerBand;
    private readonly Random _random = new();

    /// <summary>A pool of which only who asks for <paramref name="dns"/> gets that address.</summary>
    public AddressPool(IPNetwork range, IPAddress? dns = null)
    {
        Range = range;
        Dns = dns;
        _first = ToNumber(range.BaseAddress);
        _size = 1u << (32 - range.PrefixLength);
        _lowerBand = Math.Min(Math.Max(16, _size / 16), 256);
    }

    public IPNetwork Range { get; }

    /// <summary>The address of cluster DNS.</summary>
    public IPAddress? Dns { get; }

    /// <summary>The first address: that of the API server's own Service.</summary>
    public IPAddress First => ToAddress(_first + 1);

    /// <summary>Whether an address may be given out at all.</summary>
    public bool Contains(IPAddress address) => ToNumber(address) - _first - 1 < _size - 2;

    /// <summary>Takes an address; false when it is taken already.</summary>
    public bool TryTake(IPAddress address)
    {
        lock (_gate)
        {
            return _taken.Add(ToNumber(address));
        }
    }

    /// <summary>Takes any free address, or answers null when there is none.</summary>
    public IPAddress? TakeAny()
    {
        lock (_gate)
        {
            return TakeBetween(_lowerBand, _size - 1) ?? TakeBetween(1, _lowerBand);
        }
    }

    public void Release(IPAddress address)
    {
        lock (_gate)
        {
            _taken.Remove(ToNumber(address));
        }
    }

    private IPAddress? TakeBetween(uint from, uint to)
    {
        if (from >= to)
        {
            return null;
        }

        var count = to - from;
        var dns = Dns is null ? 0 : ToNumber(Dns);
        var start = (uint)_random.NextInt64(count);
        for (uint i = 0; i < count; i++)
        {
            var number = _first + from + ((start + i) % count);
            if (number != dns && _taken.Add(number))
            {
                return ToAddress(number);
            }
        }

        return null;
    }

    private static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out var written) && written == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
    }

    private static IPAddress ToAddress(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
