using System.Net;
using System.Net.Sockets;
using Sealos.Kinds.Core;

namespace Sealos.Network.Dns;

/// <summary>Names under <c>svc.</c> of the cluster's zone.</summary>
internal sealed class ServiceAnswers(DnsOptions options, ServiceDirectory directory)
{
    private const ushort WholeWeight = 100;

    private uint _turn;

    /// <summary>The answer to a name with its zone cut off; null when there is no such name, without records when only the type is missing.</summary>
    public DnsAnswer? Answer(string name, string[] labels, DnsType type)
    {
        var ns = labels[^1];
        if (labels.Length == 1)
        {
            return directory.HasNamespace(ns) ? DnsAnswer.Of([]) : null;
        }

        if (directory.Find(ns, labels[^2]) is not { } service || service.Spec is null)
        {
            return null;
        }

        if (service.Spec.Type == "ExternalName")
        {
            return labels.Length == 2 ? ExternalName(name, service.Spec.ExternalName) : null;
        }

        return labels.Length switch
        {
            2 => WholeService(name, service, type),
            3 => IsPortLabel(labels[0]) ? PortParent(service, labels[0]) : Endpoint(name, service, labels[0], type),
            4 => Port(name, service, labels, type),
            _ => null,
        };
    }

    /// <summary>The name of the service or endpoint at an address.</summary>
    public string? NameOf(IPAddress address)
    {
        if (directory.ByClusterIP(address) is { } service)
        {
            return NameOf(service);
        }

        string? unnamed = null;
        foreach (var headless in directory.ByEndpoint(address).Where(IsHeadless))
        {
            foreach (var endpoint in Endpoints(headless).Where(e => e.Address.Equals(address)))
            {
                var name = $"{endpoint.Label}.{NameOf(headless)}";
                if (endpoint.HasHostname)
                {
                    return name;
                }

                unnamed ??= name;
            }
        }

        return unnamed;
    }

    private static bool IsHeadless(Service service) => service.Spec?.ClusterIP == "None";

    private static bool IsPortLabel(string label) => label.StartsWith('_');

    private static DnsAnswer? ExternalName(string name, string? target)
    {
        target = target?.TrimEnd('.').ToLowerInvariant();
        return target is not null && DnsName.IsValid(target) ? DnsAnswer.Of([new NameRecord(name, DnsType.Cname, 30, target)]) : null;
    }

    private DnsAnswer WholeService(string name, Service service, DnsType type)
    {
        if (type is DnsType.A or DnsType.Any)
        {
            return IsHeadless(service)
                ? DnsAnswer.Of(Turned([.. Endpoints(service).Select(e => e.Address).Distinct().Select(a => Address(name, a))]))
                : DnsAnswer.Of(ClusterIP(service) is { } address ? [Address(name, address)] : []);
        }

        return type == DnsType.Srv ? PortRecords(name, service, _ => true) : DnsAnswer.Of([]);
    }

    private DnsAnswer? Endpoint(string name, Service service, string label, DnsType type)
    {
        var endpoints = IsHeadless(service) ? Endpoints(service).Where(e => e.Label == label).Select(e => e.Address).Distinct().ToList() : [];
        if (endpoints.Count == 0)
        {
            return null;
        }

        return DnsAnswer.Of(type is DnsType.A or DnsType.Any ? endpoints.Select(a => Address(name, a)) : []);
    }

    // _tcp.web.shop has no records itself, but names under it.
    private static DnsAnswer? PortParent(Service service, string protocol) =>
        service.Spec!.Ports?.Any(p => "_" + ProtocolOf(p.Protocol) == protocol) == true ? DnsAnswer.Of([]) : null;

    private DnsAnswer? Port(string name, Service service, string[] labels, DnsType type)
    {
        bool Wanted(PortName p) => !string.IsNullOrEmpty(p.Name) && labels[0] == "_" + p.Name && labels[1] == "_" + p.Protocol;
        if (!Ports(service).Any(Wanted))
        {
            return null;
        }

        return type is DnsType.Srv or DnsType.Any ? PortRecords(name, service, Wanted) : DnsAnswer.Of([]);
    }

    private DnsAnswer PortRecords(string name, Service service, Func<PortName, bool> wanted)
    {
        if (!IsHeadless(service))
        {
            var target = NameOf(service);
            var ports = Ports(service).Where(wanted).Select(p => new ServiceRecord(name, options.TimeToLive, WholeWeight, p.Number, target)).ToList();
            return DnsAnswer.Of(ports) with { Additional = ports.Count > 0 && ClusterIP(service) is { } address ? [Address(target, address)] : [] };
        }

        var records = new List<DnsRecord>();
        var addresses = new Dictionary<string, DnsRecord>(StringComparer.Ordinal);
        foreach (var endpoint in Endpoints(service))
        {
            var target = $"{endpoint.Label}.{NameOf(service)}";
            foreach (var port in endpoint.Ports.Where(wanted))
            {
                records.Add(new ServiceRecord(name, options.TimeToLive, WholeWeight, port.Number, target));
                addresses[target] = Address(target, endpoint.Address);
            }
        }

        return DnsAnswer.Of(Turned(records)) with { Additional = [.. addresses.Values] };
    }

    private AddressRecord Address(string name, IPAddress address) => new(name, options.TimeToLive, address);

    private string NameOf(Service service) => $"{service.Metadata.Name}.{service.Metadata.Namespace}.svc.{options.Zone}";

    private static IPAddress? ClusterIP(Service service) =>
        IPAddress.TryParse(service.Spec!.ClusterIP, out var address) && address.AddressFamily == AddressFamily.InterNetwork ? address : null;

    private static string ProtocolOf(string? protocol) => (protocol ?? "TCP").ToLowerInvariant();

    private static IEnumerable<PortName> Ports(Service service) =>
        (service.Spec!.Ports ?? []).Select(p => new PortName(p.Name, ProtocolOf(p.Protocol), (ushort)(p.Port ?? 0)));

    // Slices already count those as ready that the service wants to be found early.
    private IEnumerable<NamedEndpoint> Endpoints(Service service)
    {
        foreach (var slice in directory.Slices(service))
        {
            List<PortName> ports = [.. (slice.Ports ?? []).Select(p => new PortName(p.Name, ProtocolOf(p.Protocol), (ushort)(p.Port ?? 0)))];
            foreach (var endpoint in (slice.Endpoints ?? []).Where(e => e.Conditions?.Ready != false))
            {
                if (IPAddress.TryParse(endpoint.Addresses?.FirstOrDefault(), out var address) && address.AddressFamily == AddressFamily.InterNetwork)
                {
                    var hasHostname = endpoint.Hostname is { Length: > 0 } && DnsName.IsValid(endpoint.Hostname);
                    yield return new NamedEndpoint(address, hasHostname ? endpoint.Hostname! : address.ToString().Replace('.', '-'), hasHostname, ports);
                }
            }
        }
    }

    // Clients take the first record: each answer starts with another one.
    private List<T> Turned<T>(List<T> records)
    {
        if (records.Count < 2)
        {
            return records;
        }

        var start = (int)(Interlocked.Increment(ref _turn) % records.Count);
        return [.. records[start..], .. records[..start]];
    }

    private readonly record struct PortName(string? Name, string Protocol, ushort Number);

    private readonly record struct NamedEndpoint(IPAddress Address, string Label, bool HasHostname, IReadOnlyList<PortName> Ports);
}
