using System.Security.Cryptography.X509Certificates;
using Sealos.Host.Configuration;
using Xunit;

namespace Sealos.Host_Tests.Configuration;

public sealed class CloudCertificatesTests : IDisposable
{
    private readonly CloudOptions _options = new() { DataFolder = Directory.CreateTempSubdirectory("sealos-pki").FullName, NodeName = "node-1" };

    private string Key => Path.Combine(_options.DataFolder, "pki", "apiserver.key");

    public void Dispose() => Directory.Delete(_options.DataFolder, recursive: true);

    [Fact]
    public void SecondStart_ChangesNothing()
    {
        CloudCertificates.Ensure(_options, TimeProvider.System).WriteKubeConfigs();
        var before = Written();

        CloudCertificates.Ensure(_options, TimeProvider.System).WriteKubeConfigs();

        Assert.Equal(before, Written());
    }

    [Fact]
    public void ApiServer_IsTrustedAtTheNodesOwnAddress()
    {
        using var certificate = X509Certificate2.CreateFromPem(CloudCertificates.Ensure(_options, TimeProvider.System).ApiServer.CertificatePem);

        var addresses = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateIPAddresses().Select(a => a.ToString());

        Assert.Contains("10.208.0.1", addresses);
        Assert.Contains("10.209.0.1", addresses);
    }

    [Fact]
    public void KeyOfAnotherCertificate_IsReplacedWithIt()
    {
        var old = CloudCertificates.Ensure(_options, TimeProvider.System).Kubelet;
        File.WriteAllText(Key, old.KeyPem);

        var pair = CloudCertificates.Ensure(_options, TimeProvider.System).ApiServer;

        using var certificate = X509Certificate2.CreateFromPem(pair.CertificatePem, pair.KeyPem);
        Assert.NotEqual(old.KeyPem, File.ReadAllText(Key));
    }

    [Theory]
    [InlineData(-400)] // they were made by a clock that was ahead
    [InlineData(400)] // they have run out
    public void ClockIsSet_CertificatesAreValidAgain_ByTheSameAuthority(int days)
    {
        var before = CloudCertificates.Ensure(_options, TimeProvider.System);
        var (authority, old) = (before.Cluster.Pair.CertificatePem, before.ApiServer.CertificatePem);
        var time = new SetTime(TimeSpan.FromDays(days));

        var after = CloudCertificates.Ensure(_options, time);

        Assert.Equal(authority, after.Cluster.Pair.CertificatePem);
        Assert.NotEqual(old, after.ApiServer.CertificatePem);
        foreach (var pem in (string[])[after.ApiServer.CertificatePem, after.Kubelet.CertificatePem, authority])
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            Assert.InRange(time.GetUtcNow().UtcDateTime, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        }
    }

    private sealed class SetTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private List<(string, DateTime)> Written() =>
        [.. Directory.EnumerateFiles(_options.DataFolder, "*", SearchOption.AllDirectories).Select(f => (f, File.GetLastWriteTimeUtc(f))).Order()];
}
