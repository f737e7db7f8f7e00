using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealos.ControllerKit.Certificates;
using Xunit;

namespace Sealos.ControllerKit_Tests.Certificates;

public sealed class CertificateAuthorityTests
{
    [Fact]
    public void Issue_ClockIsLongBeforeTheAuthority_SaysThatItIsTheClock()
    {
        using var authority = CertificateAuthority.Load(BegunNow(), new SetTime(TimeSpan.FromDays(-2)));

        var e = Assert.Throws<InvalidOperationException>(() => authority.IssueClient("user", [], TimeSpan.FromDays(1)));

        Assert.Contains("set the clock", e.Message, StringComparison.Ordinal);
        Assert.NotNull(authority.IssueClient("user", [], TimeSpan.FromDays(3)));
    }

    // As clouds made them at first.
    private static KeyPair BegunNow()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=old", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddYears(10));
        return new KeyPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private sealed class SetTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
