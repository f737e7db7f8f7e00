using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealos.ControllerKit.Certificates;

/// <summary>A certificate with its private key, both as PEM.</summary>
public sealed record KeyPair(string CertificatePem, string KeyPem)
{
    /// <summary>The certificate with its key, ready for TLS.</summary>
    public X509Certificate2 ToCertificate() => X509Certificate2.CreateFromPem(CertificatePem, KeyPem);
}

/// <summary>A certificate authority of our own (ECDSA P-256), for the API's certificates and for the wildcard of a local domain.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private static readonly Oid ServerAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuth = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2 _certificate;
    private readonly TimeProvider _time;

    private CertificateAuthority(KeyPair pair, TimeProvider time)
    {
        Pair = pair;
        _certificate = pair.ToCertificate();
        _time = time;
    }

    /// <summary>The authority's own certificate and key.</summary>
    public KeyPair Pair { get; }

    /// <summary>From when on the authority is trusted; older clouds have one that begins when it was made.</summary>
    public DateTime Begin => _certificate.NotBefore.ToUniversalTime();

    /// <summary>Makes a new authority, valid for ten years.</summary>
    public static CertificateAuthority Create(string commonName, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(commonName, []), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();

        // From long ago: a clock that is set back must not leave the cloud with an authority that is still to come.
        using var certificate = request.CreateSelfSigned(now.AddYears(-10), now.AddYears(10));
        return new CertificateAuthority(new KeyPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem()), time);
    }

    /// <summary>An authority that was made before.</summary>
    public static CertificateAuthority Load(KeyPair pair, TimeProvider time) => new(pair, time);

    /// <summary>Issues a server certificate for the names and addresses; the first names the subject. Browsers accept at most 398 days.</summary>
    public KeyPair IssueServer(IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, TimeSpan lifetime)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        foreach (var address in addresses)
        {
            alternatives.AddIpAddress(address);
        }

        return Issue(Name(names[0], []), ServerAuth, alternatives.Build(), lifetime);
    }

    /// <summary>Issues a client certificate: the common name is the user, each organization a group.</summary>
    public KeyPair IssueClient(string commonName, IReadOnlyList<string> organizations, TimeSpan lifetime) =>
        Issue(Name(commonName, organizations), ClientAuth, null, lifetime);

    /// <summary>Signs somebody else's request: a certificate in PEM for their key.</summary>
    public string Sign(SigningOrder order)
    {
        var request = new CertificateRequest(order.Request.Subject, order.Request.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(order.Usage, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. order.ForServers ? [ServerAuth] : Array.Empty<Oid>(), .. order.ForClients ? [ClientAuth] : Array.Empty<Oid>()], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        if (order.Alternatives() is { } alternatives)
        {
            request.CertificateExtensions.Add(alternatives);
        }

        var last = new DateTimeOffset(_certificate.NotAfter);
        using var key = _certificate.GetECDsaPrivateKey()!;
        using var certificate = request.Create(
            _certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), order.From, order.Until < last ? order.Until : last, RandomNumberGenerator.GetBytes(16));
        return certificate.ExportCertificatePem() + "\n";
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private static X500DistinguishedName Name(string commonName, IReadOnlyList<string> organizations)
    {
        var builder = new X500DistinguishedNameBuilder();
        foreach (var organization in organizations)
        {
            builder.AddOrganizationName(organization);
        }

        builder.AddCommonName(commonName);
        return builder.Build();
    }

    private KeyPair Issue(X500DistinguishedName subject, Oid usage, X509Extension? alternatives, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        if (alternatives is not null)
        {
            request.CertificateExtensions.Add(alternatives);
        }

        var now = _time.GetUtcNow();
        var end = now.Add(lifetime);
        var last = new DateTimeOffset(_certificate.NotAfter);
        var (begin, first) = (now.AddMinutes(-5), new DateTimeOffset(_certificate.NotBefore));
        if (end <= first)
        {
            throw new InvalidOperationException($"the clock says {now:u}, long before the authority {_certificate.Subject} begins ({first.ToUniversalTime():u}): set the clock");
        }

        using var certificate = request.Create(_certificate, begin > first ? begin : first, end < last ? end : last, RandomNumberGenerator.GetBytes(16));
        return new KeyPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
