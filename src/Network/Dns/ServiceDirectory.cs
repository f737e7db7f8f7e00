using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;

namespace Sealos.Network.Dns;

/// <summary>
/// Services and their endpoints as names see them, filed by name and by address. Fed by watches one object at a time; every
/// question is a lookup, and at no moment is an object missing that is only being changed. While the API is away it stays what it was.
/// </summary>
internal sealed class ServiceDirectory
{
    private readonly ConcurrentDictionary<ObjectKey, Service> _services = new();
    private readonly ConcurrentDictionary<ObjectKey, ImmutableDictionary<string, EndpointSlice>> _slices = new();
    private readonly ConcurrentDictionary<string, int> _namespaces = new(StringComparer.Ordinal);
    private readonly AddressIndex _clusterIPs = new();
    private readonly AddressIndex _endpoints = new();

    /// <summary>Takes a change of a service; either side is null where there is no such object.</summary>
    public void Apply(Service? old, Service? @new)
    {
        var key = ObjectKey.Of((@new ?? old)!);
        if (@new is not null)
        {
            _services[key] = @new;
        }
        else
        {
            _services.TryRemove(key, out _);
        }

        CountNamespace(key.Namespace ?? "", (@new is null ? 0 : 1) - (old is null ? 0 : 1));
        Refile(_clusterIPs, key, Parse(old?.Spec?.ClusterIP), Parse(@new?.Spec?.ClusterIP));
    }

    /// <summary>Takes a change of an endpoint slice.</summary>
    public void Apply(EndpointSlice? old, EndpointSlice? @new)
    {
        var was = ServiceOf(old);
        var now = ServiceOf(@new);
        if (now is { } service)
        {
            Change(service, slices => slices.SetItem(@new!.Metadata.Name!, @new));
        }

        if (was is { } left && left != now)
        {
            Change(left, slices => slices.Remove(old!.Metadata.Name!));
        }
    }

    public Service? Find(string ns, string name) => _services.GetValueOrDefault(new ObjectKey(ns, name));

    /// <summary>Whether any name exists under a namespace.</summary>
    public bool HasNamespace(string ns) => _namespaces.ContainsKey(ns);

    /// <summary>The slices of a service.</summary>
    public IEnumerable<EndpointSlice> Slices(Service service) => _slices.GetValueOrDefault(ObjectKey.Of(service))?.Values ?? [];

    /// <summary>The service that has an address as its own.</summary>
    public Service? ByClusterIP(IPAddress address) => Existing(_clusterIPs, address).FirstOrDefault();

    /// <summary>The services that have an address among their endpoints.</summary>
    public IEnumerable<Service> ByEndpoint(IPAddress address) => Existing(_endpoints, address);

    private static ObjectKey? ServiceOf(EndpointSlice? slice) =>
        slice?.Metadata.Labels?.GetValueOrDefault("kubernetes.io/service-name") is { Length: > 0 } name ? new ObjectKey(slice.Metadata.Namespace, name) : null;

    private static IEnumerable<IPAddress> AddressesOf(ImmutableDictionary<string, EndpointSlice> slices) =>
        slices.Values.SelectMany(s => s.Endpoints ?? []).SelectMany(e => e.Addresses ?? []).SelectMany(Parse);

    private static IEnumerable<IPAddress> Parse(string? text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork ? [address] : [];

    private static void Refile(AddressIndex index, ObjectKey key, IEnumerable<IPAddress> old, IEnumerable<IPAddress> @new)
    {
        var wanted = @new.ToHashSet();
        foreach (var address in wanted)
        {
            index.Add(address, key);
        }

        foreach (var address in old.Where(a => !wanted.Contains(a)))
        {
            index.Remove(address, key);
        }
    }

    private IEnumerable<Service> Existing(AddressIndex index, IPAddress address) =>
        index.Find(address).OrderBy(k => k.ToString(), StringComparer.Ordinal).Select(k => _services.GetValueOrDefault(k)).OfType<Service>();

    private void Change(ObjectKey service, Func<ImmutableDictionary<string, EndpointSlice>, ImmutableDictionary<string, EndpointSlice>> change)
    {
        var old = _slices.GetValueOrDefault(service) ?? ImmutableDictionary<string, EndpointSlice>.Empty;
        var @new = change(old);
        if (@new.IsEmpty)
        {
            _slices.TryRemove(service, out _);
        }
        else
        {
            _slices[service] = @new;
        }

        Refile(_endpoints, service, AddressesOf(old), AddressesOf(@new));
    }

    private void CountNamespace(string ns, int change)
    {
        if (change != 0 && _namespaces.AddOrUpdate(ns, change, (_, count) => count + change) <= 0)
        {
            _namespaces.TryRemove(ns, out _);
        }
    }
}
