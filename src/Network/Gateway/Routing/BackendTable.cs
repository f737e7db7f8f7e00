using System.Globalization;
using System.Net;
using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;

namespace Sealos.Network.Gateway.Routing;

/// <summary>
/// Knows the ready instances of every Service port that a route leads to. A change of a Service or EndpointSlice costs work in
/// proportion to that Service alone.
/// </summary>
internal sealed class BackendTable(GatewayOptions options)
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, ServiceEntry> _services = [];

    /// <summary>The backend for a route; given back with <see cref="Release"/>.</summary>
    public Backend Acquire(BackendKey key)
    {
        lock (_lock)
        {
            var service = Entry(new ObjectKey(key.Namespace, key.Service));
            var backend = service.Backends.Find(b => b.Key == key);
            if (backend is null)
            {
                backend = new Backend(key);
                service.Backends.Add(backend);
                backend.State = Compute(service, backend);
            }

            backend.References++;
            return backend;
        }
    }

    public void Release(Backend backend)
    {
        lock (_lock)
        {
            var key = new ObjectKey(backend.Key.Namespace, backend.Key.Service);
            if (--backend.References == 0 && _services.TryGetValue(key, out var service))
            {
                service.Backends.Remove(backend);
                Forget(key, service);
            }
        }
    }

    public void OnService(Service? old, Service? now)
    {
        var key = ObjectKey.Of((now ?? old)!);
        lock (_lock)
        {
            var service = Entry(key);
            service.Exists = now is not null;
            service.IsForeign = now?.Spec?.Type == "ExternalName";
            service.Ports = now?.Spec?.Ports?.Select(p => new PortEntry(p.Name ?? "", p.Port ?? 0, p.AppProtocol)).ToArray() ?? [];
            Publish(key, service);
        }
    }

    public void OnSlice(EndpointSlice? old, EndpointSlice? now)
    {
        lock (_lock)
        {
            var before = ServiceOf(old);
            var after = ServiceOf(now);
            if (before is { } left && left != after && _services.TryGetValue(left, out var leftEntry))
            {
                leftEntry.Slices.Remove(old!.Metadata.Name!);
                Publish(left, leftEntry);
            }

            if (after is { } key)
            {
                var entry = Entry(key);
                entry.Slices[now!.Metadata.Name!] = Read(now, IsTenant(key.Namespace));
                Publish(key, entry);
            }
        }
    }

    private bool IsTenant(string? ns) => ns?.StartsWith(options.TenantPrefix, StringComparison.Ordinal) == true;

    private static ObjectKey? ServiceOf(EndpointSlice? slice) =>
        slice?.Metadata.Labels?.GetValueOrDefault(ServiceLabel) is { Length: > 0 } name ? new ObjectKey(slice.Metadata.Namespace, name) : null;

    private ServiceEntry Entry(ObjectKey key)
    {
        if (!_services.TryGetValue(key, out var service))
        {
            _services[key] = service = new ServiceEntry();
        }

        return service;
    }

    private void Publish(ObjectKey key, ServiceEntry service)
    {
        foreach (var backend in service.Backends)
        {
            backend.State = Compute(service, backend);
        }

        Forget(key, service);
    }

    private void Forget(ObjectKey key, ServiceEntry service)
    {
        if (!service.Exists && service.Backends.Count == 0 && service.Slices.Count == 0)
        {
            _services.Remove(key);
        }
    }

    // A tenant writes its own EndpointSlices, so where they point is checked: only to where instances can be.
    private SliceEntry Read(EndpointSlice slice, bool isTenant)
    {
        var endpoints = new List<EndpointEntry>();
        var hasForeign = slice.AddressType is not (null or "IPv4");
        foreach (var endpoint in slice.Endpoints ?? [])
        {
            if (endpoint.Addresses is not [var text, ..] || hasForeign)
            {
                continue;
            }

            if (!IPAddress.TryParse(text, out var address) || !IsAllowed(address, isTenant))
            {
                hasForeign = true;
                continue;
            }

            var conditions = endpoint.Conditions;
            endpoints.Add(new EndpointEntry(address, conditions?.Ready ?? true, conditions?.Serving ?? conditions?.Ready ?? true));
        }

        return new SliceEntry(
            slice.Ports?.Where(p => p.Protocol is null or "TCP").Select(p => new PortEntry(p.Name ?? "", p.Port ?? 0, p.AppProtocol)).ToArray() ?? [],
            [.. endpoints],
            hasForeign);
    }

    private bool IsAllowed(IPAddress address, bool isTenant)
    {
        foreach (var range in options.BackendRanges)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return !isTenant && !IPAddress.IsLoopback(address) && !address.GetAddressBytes().AsSpan().StartsWith((ReadOnlySpan<byte>)[169, 254]);
    }

    private static BackendState Compute(ServiceEntry service, Backend backend)
    {
        if (service.IsForeign)
        {
            return new BackendState([], BackendLack.Foreign, null);
        }

        var port = Array.Find(service.Ports, p => backend.Key.PortName is { } name ? p.Name == name : p.Number == backend.Key.PortNumber);
        if (!service.Exists || port is null)
        {
            return BackendState.Missing;
        }

        var known = backend.State.Instances;
        var found = new SortedDictionary<string, Instance>(StringComparer.Ordinal);
        Collect(service, port.Name, e => e.IsReady, known, found);
        if (found.Count == 0)
        {
            // While the last instances stop they still serve; better them than nobody.
            Collect(service, port.Name, e => e.IsServing, known, found);
        }

        var lack = found.Count > 0 ? BackendLack.None
            : service.Slices.Values.Any(s => s.HasForeign) ? BackendLack.Foreign
            : BackendLack.NotReady;
        return new BackendState([.. found.Values], lack, port.AppProtocol);
    }

    private static void Collect(ServiceEntry service, string portName, Func<EndpointEntry, bool> isWanted, Instance[] known, SortedDictionary<string, Instance> found)
    {
        foreach (var slice in service.Slices.Values)
        {
            foreach (var port in slice.Ports)
            {
                if (port.Name != portName || port.Number is <= 0 or > 65_535)
                {
                    continue;
                }

                foreach (var endpoint in slice.Endpoints)
                {
                    if (isWanted(endpoint))
                    {
                        var authority = string.Create(CultureInfo.InvariantCulture, $"{endpoint.Address}:{port.Number}");
                        found.TryAdd(authority, Array.Find(known, i => i.Authority == authority) ?? new Instance(authority));
                    }
                }
            }
        }
    }

    private sealed class ServiceEntry
    {
        public bool Exists { get; set; }

        public bool IsForeign { get; set; }

        public PortEntry[] Ports { get; set; } = [];

        public Dictionary<string, SliceEntry> Slices { get; } = new(StringComparer.Ordinal);

        public List<Backend> Backends { get; } = [];
    }

    private sealed record PortEntry(string Name, int Number, string? AppProtocol);

    private sealed record EndpointEntry(IPAddress Address, bool IsReady, bool IsServing);

    private sealed record SliceEntry(PortEntry[] Ports, EndpointEntry[] Endpoints, bool HasForeign);
}
