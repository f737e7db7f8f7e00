using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Sealos.Kinds.Core;
using Sealos.Kinds.Discovery;

namespace Sealos.Network.Services;

internal readonly record struct EndpointAddress(IPAddress Address, int Port, bool IsLocal)
{
    /// <summary>As a map's value: address and port.</summary>
    public string Concatenated => $"{Address} . {Port}";
}

/// <summary>Which endpoints of a service's slices take the traffic of one port.</summary>
internal static class PortEndpoints
{
    /// <summary>The ready ones; when none is ready, those that still serve while they end. Sorted, without repeats.</summary>
    public static ImmutableArray<EndpointAddress> Select(ServicePort port, IEnumerable<EndpointSlice> slices, string nodeName)
    {
        var ready = new SortedDictionary<(uint, int), EndpointAddress>();
        var ending = new SortedDictionary<(uint, int), EndpointAddress>();
        foreach (var slice in slices.Where(s => s.AddressType == "IPv4"))
        {
            if (TargetPort(port, slice) is not { } target)
            {
                continue;
            }

            foreach (var endpoint in slice.Endpoints ?? [])
            {
                var into = endpoint.Conditions?.Ready != false ? ready
                    : endpoint.Conditions is { Serving: true, Terminating: true } ? ending
                    : null;
                if (into is not null && Parse(endpoint) is { } address)
                {
                    into[(Order(address), target)] = new EndpointAddress(address, target, endpoint.NodeName == nodeName);
                }
            }
        }

        return [.. (ready.Count > 0 ? ready : ending).Values];
    }

    private static int? TargetPort(ServicePort port, EndpointSlice slice) =>
        slice.Ports?.Find(p => (p.Name ?? "") == (port.Name ?? "") && (p.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.Port;

    private static IPAddress? Parse(Endpoint endpoint) =>
        IPAddress.TryParse(endpoint.Addresses?.FirstOrDefault(), out var address) && address.AddressFamily == AddressFamily.InterNetwork ? address : null;

    private static uint Order(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
