using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealos.ApiServer.Tests.Authentication;

/// <summary>An authority for one test, and what it issues.</summary>
internal sealed class TestCertificates(TimeProvider time, string name = "test-ca")
{
    public const string ForClients = "1.3.6.1.5.5.7.3.2";
    public const string ForServers = "1.3.6.1.5.5.7.3.1";

    public X509Certificate2 Authority { get; } = CreateAuthority(time, name);

    public X509Certificate2 Issue(string subject, string? usage = ForClients, TimeSpan? life = null) =>
        Issue(new X500DistinguishedName(subject), usage, life);

    public X509Certificate2 Issue(X500DistinguishedName subject, string? usage = ForClients, TimeSpan? life = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        }

        var now = time.GetUtcNow();
        return request.Create(Authority, now.AddMinutes(-1), now + (life ?? TimeSpan.FromHours(1)), RandomNumberGenerator.GetBytes(8));
    }

    private static X509Certificate2 CreateAuthority(TimeProvider time, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request.CreateSelfSigned(time.GetUtcNow().AddDays(-1), time.GetUtcNow().AddYears(10));
    }
}
