using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(ApiServerFixture))]

namespace Sealos.ApiServer.Tests.Support;

/// <summary>A real API server over HTTPS on a free port, with a store of its own; shared by tests that keep to their own namespaces.</summary>
public sealed class ApiServerFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-apiserver-").FullName;
    private ApiServerComponent? _server;

    /// <summary>The rules of the audit log, when there shall be one.</summary>
    public string? AuditPolicy { get; init; }

    public string AuditFile => Path.Combine(_folder, "logs", "audit.log");

    public TestCertificates Certificates { get; } = new();

    public Uri Address => _server!.Addresses[0];

    /// <summary>Acts as an operator.</summary>
    public ApiClient Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        Admin = ClientFor("admin", "system:masters");
    }

    /// <summary>A client that acts as a user with a certificate.</summary>
    public ApiClient ClientFor(string user, params string[] groups) => NewClient(Certificates.Client(user, groups));

    /// <summary>A client that shows no certificate.</summary>
    public ApiClient Anonymous() => NewClient(null);

    /// <summary>Stops the server and starts it again on the same store; the port changes.</summary>
    public async Task RestartAsync()
    {
        await _server!.StopAsync(CancellationToken.None);
        await StartAsync();
        Admin.Dispose();
        Admin = ClientFor("admin", "system:masters");
    }

    public async ValueTask DisposeAsync()
    {
        Admin?.Dispose();
        if (_server is not null)
        {
            await _server.StopAsync(CancellationToken.None);
        }

        Certificates.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync()
    {
        _server = new ApiServerComponent(
            new ApiServerOptions
            {
                StorePath = Path.Combine(_folder, "store.db"),
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                ServerCertificate = Certificates.Server("kube-apiserver"),
                ClientAuthorities = [Certificates.Authority],
                RootCertificatesPem = Certificates.Pem,
                ServiceAccountKeyFile = Path.Combine(_folder, "sa.key"),
                KubeletClientCertificate = Certificates.Client("kube-apiserver", "system:masters"),
                KubeletAuthorities = [Certificates.Authority],
                CertificateReaders = "certificate-readers",
                ServiceRange = new IPNetwork(IPAddress.Parse("10.96.0.0"), 16),
                Audit = WriteAuditPolicy(),
                AdvertiseAddress = IPAddress.Parse("192.0.2.1"),
            },
            NullLoggerFactory.Instance);
        await _server.StartAsync(CancellationToken.None);
    }

    private AuditLogOptions? WriteAuditPolicy()
    {
        if (AuditPolicy is null)
        {
            return null;
        }

        var file = Path.Combine(_folder, "audit-policy.yaml");
        File.WriteAllText(file, AuditPolicy);
        return new AuditLogOptions(AuditFile) { PolicyFile = file };
    }

    private ApiClient NewClient(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = certificate is null ? null : [certificate],
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { Certificates.Authority } },
            },
        };
        return new ApiClient(new HttpClient(handler) { BaseAddress = Address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower });
    }
}
