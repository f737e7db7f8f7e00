using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Sealos.ControllerKit;

namespace Sealos.Network.Dns;

/// <summary>Which services an address belongs to. One writer, any number of readers.</summary>
internal sealed class AddressIndex
{
    private readonly ConcurrentDictionary<IPAddress, ImmutableHashSet<ObjectKey>> _services = new();

    public IEnumerable<ObjectKey> Find(IPAddress address) => _services.GetValueOrDefault(address) ?? [];

    public void Add(IPAddress address, ObjectKey service) =>
        _services[address] = (_services.GetValueOrDefault(address) ?? []).Add(service);

    public void Remove(IPAddress address, ObjectKey service)
    {
        var rest = (_services.GetValueOrDefault(address) ?? []).Remove(service);
        if (rest.IsEmpty)
        {
            _services.TryRemove(address, out _);
        }
        else
        {
            _services[address] = rest;
        }
    }
}
