using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Http;

namespace Sealos.ApiServer.Tests.Support;

/// <summary>How tests set up a server, and how they reach it.</summary>
internal static class ServerSetup
{
    public static ApiServerOptions Options(string folder, TestCertificates certificates, AuditLogOptions? audit = null, RequestLimits? limits = null) => new()
    {
        StorePath = Path.Combine(folder, "store.db"),
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        ServerCertificate = certificates.Server("kube-apiserver"),
        ClientAuthorities = [certificates.Authority],
        RootCertificatesPem = certificates.Pem,
        ServiceAccountKeyFile = Path.Combine(folder, "sa.key"),
        KubeletClientCertificate = certificates.Client("kube-apiserver", "system:masters"),
        KubeletAuthorities = [certificates.Authority],
        CertificateReaders = "certificate-readers",
        ServiceRange = new IPNetwork(IPAddress.Parse("10.96.0.0"), 16),
        DnsAddress = IPAddress.Parse("10.96.0.10"),
        Audit = audit,
        AdvertiseAddress = IPAddress.Parse("192.0.2.1"),
        Limits = limits ?? new RequestLimits(),
    };

    public static ApiClient Client(Uri address, X509Certificate2 authority, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = certificate is null ? null : [certificate],
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority } },
            },
        };
        return new ApiClient(new HttpClient(handler) { BaseAddress = address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower });
    }
}
