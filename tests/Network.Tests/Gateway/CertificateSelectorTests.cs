using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ControllerKit.Certificates;
using Sealos.Kinds.Core;
using Sealos.Kinds.Networking;
using Sealos.Network.Gateway.Routing;
using Sealos.Network.Gateway.Tls;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

public sealed class CertificateSelectorTests
{
    [Theory]
    [InlineData("cloud.test")]
    [InlineData("anything.cloud.test")]
    [InlineData("unknown.test")]
    [InlineData("")]
    public async Task Name_WithoutACertificateOfItsOwn_GetsTheDomains(string name)
    {
        await using var gateway = await TestGateway.StartAsync();

        var (stream, certificate) = await gateway.ConnectTlsAsync(name);

        await using (stream)
        {
            using (certificate)
            {
                Assert.True(certificate.MatchesHostname("cloud.test"));
                Assert.True(certificate.MatchesHostname("x.cloud.test"));
            }
        }
    }

    [Fact]
    public async Task Handshake_OffersHttp2AndServesIt_WithATrustedChain()
    {
        await using var app = await TestBackend.SayingAsync("ok");
        await using var gateway = await TestGateway.StartAsync();
        gateway.AddApp("web", app.Port);
        gateway.Apply(Cluster.Ingress("ns-a", "own", "www.custom.test", "web"));
        using var client = gateway.CreateClient(HttpVersion.Version20);

        // The client trusts the test's authority alone, so a wrong certificate would fail the request.
        Assert.Equal("ok", await client.GetStringAsync("https://web.cloud.test/", TestContext.Current.CancellationToken));
        Assert.Equal("ok", await client.GetStringAsync("https://www.custom.test/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Secret_OfTheIngress_IsServedForItsHost_AndReplacedWhenItChanges()
    {
        await using var gateway = await TestGateway.StartAsync();
        var first = AddSecret(gateway, "www.custom.test");
        gateway.Apply(WithTls("www.custom.test"));
        Assert.Equal(first, gateway.Certificates.Select("www.custom.test").Certificate.Thumbprint);

        var second = AddSecret(gateway, "www.custom.test");

        Assert.NotEqual(first, second);
        Assert.Equal(second, gateway.Certificates.Select("www.custom.test").Certificate.Thumbprint);
        Assert.Same(gateway.Certificates.Select("WWW.custom.test."), gateway.Certificates.Select("www.custom.test"));
    }

    [Fact]
    public async Task Secret_ThatDoesNotCoverTheHostOrIsNonsense_IsPassedOver()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Apply(WithTls("www.custom.test"));
        AddSecret(gateway, "other.test");
        Assert.True(gateway.Certificates.Select("www.custom.test").Certificate.MatchesHostname("www.custom.test"));

        SetSecret(gateway, "not a certificate", "not a key");

        Assert.True(gateway.Certificates.Select("www.custom.test").Certificate.MatchesHostname("www.custom.test"));
    }

    [Fact]
    public async Task CustomHosts_WithoutTheAuthoritysKey_GetTheDomainsCertificate()
    {
        using var authority = CertificateAuthority.Create("test", TimeProvider.System);
        var pair = authority.IssueServer(["cloud.test", "*.cloud.test"], [], TimeSpan.FromDays(1));
        var folder = Directory.CreateTempSubdirectory("gateway-test");
        File.WriteAllText(Path.Combine(folder.FullName, "tls.crt"), pair.CertificatePem);
        File.WriteAllText(Path.Combine(folder.FullName, "tls.key"), pair.KeyPem);
        await using var gateway = await TestGateway.StartAsync(o => o with
        {
            CaKeyFile = Path.Combine(folder.FullName, "absent.key"),
            CertificateFile = Path.Combine(folder.FullName, "tls.crt"),
            CertificateKeyFile = Path.Combine(folder.FullName, "tls.key"),
        });
        gateway.Apply(WithTls("www.custom.test"));

        Assert.True(gateway.Certificates.Select("www.custom.test").Certificate.MatchesHostname("cloud.test"));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Issuing_IsBoundedAndOncePerRoute()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { Limits = o.Limits with { CachedCertificates = 3 } });
        gateway.Apply(Cluster.Ingress("ns-a", "wild", "*.custom.test", "web"));

        var one = gateway.Certificates.Select("one.custom.test");
        Assert.Same(one, gateway.Certificates.Select("two.custom.test"));
        for (var i = 0; i < 10; i++)
        {
            gateway.Apply(Cluster.Ingress("ns-a", $"i{i}", $"h{i}.other.test", "web"));
            Assert.True(gateway.Certificates.Select($"h{i}.other.test").Certificate.MatchesHostname($"h{i}.other.test"));
        }

        Assert.Equal(3, gateway.Certificates.Cached);
    }

    [Fact]
    public void Options_WithoutAnyCertificate_RefuseToStart()
    {
        var options = new Sealos.Network.Gateway.GatewayOptions { Domain = "cloud.test" };
        var routes = new RouteTable(options, new BackendTable(options), new IngressClasses(options));

        Assert.Throws<InvalidDataException>(() => new CertificateSelector(options, routes, _ => null, TimeProvider.System, NullLogger.Instance));
    }

    private static Ingress WithTls(string host)
    {
        var ingress = Cluster.Ingress("ns-a", "own", host, "web");
        ingress.Spec!.Tls = [new IngressTLS { Hosts = [host], SecretName = "cert" }];
        return ingress;
    }

    private static string AddSecret(TestGateway gateway, string host)
    {
        var pair = gateway.Authority.IssueServer([host], [], TimeSpan.FromDays(1));
        SetSecret(gateway, pair.CertificatePem, pair.KeyPem);
        return X509Certificate2.CreateFromPem(pair.CertificatePem).Thumbprint;
    }

    private static void SetSecret(TestGateway gateway, string certificate, string key)
    {
        var secret = new Secret
        {
            Metadata = Cluster.Meta("ns-a", "cert"),
            Data = new() { ["tls.crt"] = Encoding.ASCII.GetBytes(certificate), ["tls.key"] = Encoding.ASCII.GetBytes(key) },
        };
        gateway.Secrets[new SecretName("ns-a", "cert")] = secret;
        gateway.Certificates.OnSecret(null, secret);
    }
}
