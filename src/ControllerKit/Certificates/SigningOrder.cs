using System.Security.Cryptography.X509Certificates;
using Sealos.Objects.Certificates;

namespace Sealos.ControllerKit.Certificates;

/// <summary>A request that is to be signed, with what its certificate shall be good for.</summary>
public sealed record SigningOrder(SigningRequest Request, DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>What the key may be used for.</summary>
    public X509KeyUsageFlags Usage { get; init; }

    /// <summary>Whether it names a client.</summary>
    public bool ForClients { get; init; }

    /// <summary>Whether it names a server.</summary>
    public bool ForServers { get; init; }

    internal X509Extension? Alternatives()
    {
        var names = Request.Names;
        if (names is { Dns: [], Addresses: [], Emails: [], Uris: [] })
        {
            return null;
        }

        var builder = new SubjectAlternativeNameBuilder();
        names.Dns.ToList().ForEach(builder.AddDnsName);
        names.Addresses.ToList().ForEach(builder.AddIpAddress);
        names.Emails.ToList().ForEach(builder.AddEmailAddress);
        names.Uris.ToList().ForEach(u => builder.AddUri(new Uri(u)));
        return builder.Build();
    }
}
