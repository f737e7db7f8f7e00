namespace Sealos.Network.Dns;

/// <summary>
/// Names of the cloud itself: its domain and all under it lead to the gateway, from inside as from outside. Here because
/// the C library does not resolve names under <c>localhost</c>, and because inside they must work without any name server.
/// </summary>
internal sealed class CloudNames(DnsOptions options)
{
    private const string Loopback = "localhost";
    private const int TimeToLive = 30;

    private readonly string? _domain = options.CloudDomain?.Trim('.').ToLowerInvariant();

    /// <summary>The answer, or null for a name that is not ours to answer.</summary>
    public DnsAnswer? Answer(string name, DnsType type)
    {
        var isLoopback = DnsName.IsWithin(name, Loopback);
        if (_domain is not null && options.GatewayAddress is not null && DnsName.IsWithin(name, _domain))
        {
            return Addresses(name, type, _domain, options.GatewayAddress, isLoopback);
        }

        return isLoopback ? Addresses(name, type, Loopback, System.Net.IPAddress.Loopback, isLoopback) : null;
    }

    // Of a real domain other servers know more, such as where its mail goes; of localhost nobody does.
    private static DnsAnswer? Addresses(string name, DnsType type, string domain, System.Net.IPAddress address, bool isLoopback) => type switch
    {
        DnsType.A or DnsType.Any => DnsAnswer.Of([new AddressRecord(name, TimeToLive, address)]),
        DnsType.Aaaa => DnsAnswer.NoData(Zone(domain)),
        _ => isLoopback ? DnsAnswer.NoData(Zone(domain)) : null,
    };

    private static ZoneRecord Zone(string domain) => new(domain, TimeToLive, domain, "hostmaster." + domain, 1);
}
