using System.Globalization;
using System.Net;

namespace Sealos.Network.Dns;

/// <summary>
/// Names of services and pods, as Kubernetes' DNS specification 1.1 has them. Answers every name in its zone and every
/// address in the cluster's ranges; what it does not know does not exist.
/// </summary>
internal sealed class ClusterZone(DnsOptions options, ServiceDirectory directory)
{
    private const string SpecificationVersion = "1.1.0";
    private const string ReverseSuffix = ".in-addr.arpa";

    private readonly ServiceAnswers _services = new(options, directory);
    private readonly string _serviceZone = "svc." + options.Zone;
    private readonly string _podZone = "pod." + options.Zone;
    private readonly string _server = "ns.dns." + options.Zone;

    /// <summary>The answer, or null for a name that is not ours.</summary>
    public DnsAnswer? Answer(string name, DnsType type)
    {
        if (DnsName.IsWithin(name, options.Zone))
        {
            return Forward(name, type);
        }

        return ReverseAddress(name) is { } address && (options.PodRange.Contains(address) || options.ServiceRange.Contains(address))
            ? Reverse(name, type, address)
            : null;
    }

    private DnsAnswer Forward(string name, DnsType type)
    {
        if (name == options.Zone)
        {
            return type switch
            {
                DnsType.Soa => DnsAnswer.Of([ZoneOf(options.Zone)]),
                DnsType.NS => DnsAnswer.Of([new NameRecord(name, DnsType.NS, options.TimeToLive, _server)]),
                _ => DnsAnswer.NoData(ZoneOf(options.Zone)),
            };
        }

        if (name == _serviceZone || name == _podZone || name == "dns." + options.Zone)
        {
            return DnsAnswer.NoData(ZoneOf(options.Zone));
        }

        var answer = name == _server ? Records(type, [.. options.Listen.Select(l => new AddressRecord(name, options.TimeToLive, l.Address))])
            : name == "dns-version." + options.Zone ? Records(type, [new TextRecord(name, options.TimeToLive, SpecificationVersion)])
            : DnsName.IsWithin(name, _serviceZone) ? _services.Answer(name, Labels(name, _serviceZone), type)
            : DnsName.IsWithin(name, _podZone) ? PodRecords(name, Labels(name, _podZone), type)
            : null;
        return answer is null ? DnsAnswer.NoSuchName(ZoneOf(options.Zone))
            : answer.Records.IsEmpty ? answer with { Authority = [ZoneOf(options.Zone)] }
            : answer;
    }

    private static string[] Labels(string name, string zone) => name[..^(zone.Length + 1)].Split('.');

    private static DnsAnswer Records(DnsType type, IReadOnlyList<DnsRecord> records) =>
        DnsAnswer.Of(records.Where(r => type == r.Type || type == DnsType.Any));

    // Any address a pod may have: who asks by address knows it already, so it is not looked up.
    private DnsAnswer? PodRecords(string name, string[] labels, DnsType type)
    {
        if (labels.Length == 1)
        {
            return directory.HasNamespace(labels[0]) ? DnsAnswer.Of([]) : null;
        }

        var dotted = labels[0].Replace('-', '.');
        return labels.Length == 2 && IPAddress.TryParse(dotted, out var address) && address.ToString() == dotted && options.PodRange.Contains(address)
            ? Records(type, [new AddressRecord(name, options.TimeToLive, address)])
            : null;
    }

    private DnsAnswer Reverse(string name, DnsType type, IPAddress address)
    {
        // Each address is a zone of its own here: the zones around it belong to others.
        var target = _services.NameOf(address);
        if (target is null)
        {
            return DnsAnswer.NoSuchName(ZoneOf(name));
        }

        return type is DnsType.Ptr or DnsType.Any
            ? DnsAnswer.Of([new NameRecord(name, DnsType.Ptr, options.TimeToLive, target)])
            : DnsAnswer.NoData(ZoneOf(name));
    }

    private static IPAddress? ReverseAddress(string name)
    {
        if (!name.EndsWith(ReverseSuffix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = name[..^ReverseSuffix.Length].Split('.');
        if (parts.Length != 4 || !parts.All(p => byte.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return null;
        }

        Array.Reverse(parts);
        return IPAddress.TryParse(string.Join('.', parts), out var address) ? address : null;
    }

    private ZoneRecord ZoneOf(string zone) => new(zone, options.TimeToLive, _server, "hostmaster." + options.Zone, 1);
}
