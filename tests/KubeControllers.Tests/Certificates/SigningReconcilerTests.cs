using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Certificates;
using Sealos.Kinds.Meta;
using Sealos.KubeControllers.Certificates;
using Sealos.KubeControllers_Tests.Harness;
using Sealos.Objects.Certificates;
using Xunit;
using static Sealos.KubeControllers_Tests.Harness.TestCloud;

namespace Sealos.KubeControllers_Tests.Certificates;

public sealed class SigningReconcilerTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static readonly string[] ClientUsages = ["digital signature", "key encipherment", "client auth"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientRequest_Approved_IsSignedAndSignsIn(bool withRsa)
    {
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = await CreateAsync(Signers.Client, withRsa ? Pem(rsa, "CN=tester,O=devs") : Pem(ec, "CN=tester,O=devs"), ClientUsages);
        Assert.Equal("test", request.Spec!.Username);
        await cloud.AssertQuietAsync();
        await DecideAsync(request, "Approved");

        var certificate = await IssuedAsync(request);

        Assert.InRange((certificate.NotAfter - certificate.NotBefore).TotalMinutes, 60, 65.1);
        var keyPem = withRsa ? rsa.ExportPkcs8PrivateKeyPem() : ec.ExportPkcs8PrivateKeyPem();
        using var client = new KubeClient(new KubeConfig
        {
            Server = cloud.Client.Config.Server,
            CertificateAuthorityPem = cloud.Server.RootPem,
            ClientCertificatePem = certificate.ExportCertificatePem(),
            ClientKeyPem = keyPem,
        });
        var self = await client.CreateAsync(new SelfSubjectReview(), Ct);
        Assert.Equal("tester", self.Status?.UserInfo?.Username);
        Assert.Equal(["devs", "system:authenticated"], self.Status!.UserInfo!.Groups!);
        await cloud.AssertQuietAsync();
    }

    [Fact]
    public async Task ClientRequest_OfEd25519_IsSigned()
    {
        // Made by OpenSSL, as .NET has no such keys.
        const string Made = "MIGbME8CAQAwHDENMAsGA1UECgwEZGV2czELMAkGA1UEAwwCZWQwKjAFBgMrZXADIQCmeTN1V7zTXMws/MHpizoPtrVnNf56+LO7A/GE1nsoZaAAMAUGAytlcANBAHucjU6y0r+1W4GwxviPUc6OBIittmIkyCnR5dWso+pP0sN3f0VztHtRUu5F91P7MYAxxgvlJNpXWTpx/ql6EgU=";
        var request = await CreateAsync(Signers.Client, $"-----BEGIN CERTIFICATE REQUEST-----\n{Made}\n-----END CERTIFICATE REQUEST-----\n", ["digital signature", "client auth"]);
        await DecideAsync(request, "Approved");
        var certificate = await IssuedAsync(request);
        Assert.Equal(("CN=ed, O=devs", "1.3.101.112"), (certificate.Subject, certificate.PublicKey.Oid.Value));
    }

    [Fact]
    public async Task Request_Denied_IsNotSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = await CreateAsync(Signers.Client, Pem(key, "CN=tester"), ClientUsages);

        await DecideAsync(request, "Denied");

        await cloud.AssertQuietAsync();
        Assert.Null((await GetAsync(request)).Status?.Certificate);
    }

    [Fact]
    public async Task Request_WithUsagesThatItsSignerDoesNotSign_Fails()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = await CreateAsync(Signers.Client, Pem(key, "CN=tester"), ["server auth", "client auth"]);

        await DecideAsync(request, "Approved");

        await EventuallyAsync(async () =>
        {
            var failed = Assert.Single((await GetAsync(request)).Status?.Conditions ?? [], c => c.Type == "Failed");
            Assert.Equal(("SignerValidationFailure", "invalid usage for client certificate: server auth"), (failed.Reason, failed.Message));
        });
    }

    [Fact]
    public async Task NodeClientRequest_OfOneWhoMay_IsApprovedByItself()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = await CreateAsync(Signers.NodeClient, Pem(key, "O=system:nodes,CN=system:node:n7"), ClientUsages);

        var certificate = await IssuedAsync(request);

        Assert.Contains("system:node:n7", certificate.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeServingRequest_Approved_KeepsItsNames()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("n7.example.com");
        names.AddIpAddress(IPAddress.Parse("10.0.0.7"));
        var request = await CreateAsync(Signers.NodeServing, Pem(key, "O=system:nodes,CN=system:node:n7", names.Build()), ["digital signature", "server auth"]);
        await DecideAsync(request, "Approved");

        var certificate = await IssuedAsync(request);

        var san = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["n7.example.com"], san.EnumerateDnsNames());
        Assert.Equal([IPAddress.Parse("10.0.0.7")], san.EnumerateIPAddresses());
        Assert.Equal(["1.3.6.1.5.5.7.3.1"], certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value));
    }

    [Theory]
    [InlineData("O=system:nodes,CN=system:node:n1", "client auth", null)]
    [InlineData("O=other,CN=system:node:n1", "client auth", "subject organization is not system:nodes")]
    [InlineData("O=system:nodes,CN=n1", "client auth", "subject common name does not begin with system:node:")]
    [InlineData("O=system:nodes,CN=system:node:n1", "server auth", "usages did not match [client auth digital signature key encipherment]")]
    public void Refusal_OfNodeClientRequests_NamesWhatIsWrong(string subject, string usage, string? refusal)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(refusal, Signers.Refusal(Signers.NodeClient, SigningRequest.Parse(Encoding.ASCII.GetBytes(Pem(key, subject))), ["digital signature", usage]));
    }

    [Theory]
    [InlineData(null, 365 * 24 * 60 - 5)]
    [InlineData(60, 10)]
    [InlineData(3600, 60)]
    [InlineData(24 * 3600, 24 * 60 - 5)]
    public void Order_ForSomeSeconds_EndsWithinThem(int? seconds, int minutes)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UnixEpoch;

        var order = Signers.Order(SigningRequest.Parse(Encoding.ASCII.GetBytes(Pem(key, "CN=x"))), ClientUsages, seconds, now);

        Assert.Equal((now.AddMinutes(-5), now.AddMinutes(minutes)), (order.From, order.Until));
    }

    [Theory]
    [InlineData(null, false, 24 * 60)]
    [InlineData("Denied", false, 60)]
    [InlineData("Failed", false, 60)]
    [InlineData("Approved", false, 24 * 60)]
    [InlineData("Approved", true, 60)]
    [InlineData("Other", false, null)]
    public void EndOf_RequestInAState_IsAfterSomeMinutes(string? condition, bool issued, int? minutes)
    {
        var made = DateTimeOffset.UnixEpoch;
        var request = new CertificateSigningRequest
        {
            Metadata = new ObjectMeta { Name = "x", CreationTimestamp = made },
            Status = new CertificateSigningRequestStatus
            {
                Conditions = condition is null ? null : [new() { Type = condition, Status = "True", LastUpdateTime = made }],
                Certificate = issued ? "no certificate"u8.ToArray() : null,
            },
        };

        Assert.Equal(minutes is { } m ? made.AddMinutes(m) : null, RequestLifetime.EndOf(request));
    }

    private static string Pem(AsymmetricAlgorithm key, string subject, X509Extension? extension = null)
    {
        var name = new X500DistinguishedName(subject);
        var request = key is RSA rsa ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.CreateSigningRequestPem();
    }

    private Task<CertificateSigningRequest> CreateAsync(string signer, string pem, IEnumerable<string> usages) => cloud.Client.CreateAsync(
        new CertificateSigningRequest
        {
            Metadata = new ObjectMeta { GenerateName = "tester-" },
            Spec = new CertificateSigningRequestSpec { Request = Encoding.ASCII.GetBytes(pem), SignerName = signer, Usages = [.. usages], ExpirationSeconds = 3600 },
        },
        Ct);

    private Task<CertificateSigningRequest> DecideAsync(CertificateSigningRequest request, string type)
    {
        request.Status = new CertificateSigningRequestStatus { Conditions = [new() { Type = type, Status = "True", Reason = "Test", Message = "decided by a test" }] };
        return cloud.Client.UpdateAsync(request, "approval", Ct);
    }

    private Task<CertificateSigningRequest> GetAsync(CertificateSigningRequest request) => cloud.Client.GetAsync<CertificateSigningRequest>(null, request.Metadata.Name!, Ct);

    private async Task<X509Certificate2> IssuedAsync(CertificateSigningRequest request)
    {
        byte[]? pem = null;
        await EventuallyAsync(async () =>
        {
            pem = (await GetAsync(request)).Status?.Certificate;
            Assert.NotNull(pem);
        });
        return X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem!));
    }
}
