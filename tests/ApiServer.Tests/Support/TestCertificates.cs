using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealos.ApiServer.Tests.Support;

/// <summary>A certificate authority that lives for one test run.</summary>
public sealed class TestCertificates : IDisposable
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _signer;

    public TestCertificates()
    {
        var request = new CertificateRequest("CN=test-ca", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _signer = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        Authority = X509CertificateLoader.LoadCertificate(_signer.RawData);
    }

    public X509Certificate2 Authority { get; }

    public string Pem => Authority.ExportCertificatePem();

    public X509Certificate2 Server(string name) => Issue($"CN={name}", ServerAuth, server: true);

    public X509Certificate2 Client(string name, params string[] groups) =>
        Issue(string.Join(',', groups.Select(g => $"O={g}").Append($"CN={name}")), ClientAuth, server: false);

    public void Dispose()
    {
        _signer.Dispose();
        _key.Dispose();
        Authority.Dispose();
    }

    private X509Certificate2 Issue(string subject, string usage, bool server)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (server)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
        }

        using var issued = request.Create(_signer, _signer.NotBefore.AddMinutes(1), _signer.NotAfter.AddMinutes(-1), RandomNumberGenerator.GetBytes(8));
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
