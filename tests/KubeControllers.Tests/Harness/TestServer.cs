using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Sealos.ApiServer;
using Sealos.ControllerKit.Certificates;
using Sealos.ControllerKit.Client;

namespace Sealos.KubeControllers_Tests.Harness;

/// <summary>The real API server, in this process, on a free port and an empty store.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealos-controllers-").FullName;
    private readonly CertificateAuthority _authority = CertificateAuthority.Create("test", TimeProvider.System);
    private ApiServerComponent? _server;

    public ILoggerFactory Loggers { get; } = new TestLoggers();

    public string RootPem => _authority.Pair.CertificatePem;

    /// <summary>Signs with the authority that client certificates come from.</summary>
    public string Sign(SigningOrder order) => _authority.Sign(order);

    /// <summary>A certificate to serve with that the server trusts in nodes.</summary>
    public X509Certificate2 Serving() => _authority.IssueServer(["localhost"], [IPAddress.Loopback], TimeSpan.FromDays(1)).ToCertificate();

    public KubeClient Client { get; private set; } = null!;

    public static async Task<TestServer> StartAsync(CancellationToken ct)
    {
        var server = new TestServer();
        await server.BootAsync(ct);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_server is not null)
        {
            await _server.StopAsync(CancellationToken.None);
        }

        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task BootAsync(CancellationToken ct)
    {
        using var authority = X509Certificate2.CreateFromPem(RootPem);
        var serving = _authority.IssueServer(["localhost"], [IPAddress.Loopback], TimeSpan.FromDays(1)).ToCertificate();
        var options = new ApiServerOptions
        {
            StorePath = Path.Combine(_folder, "store.db"),
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            ServerCertificate = serving,
            ClientAuthorities = [X509Certificate2.CreateFromPem(RootPem)],
            RootCertificatesPem = RootPem,
            ServiceAccountKeyFile = Path.Combine(_folder, "sa.key"),
            KubeletClientCertificate = serving,
            KubeletAuthorities = [X509Certificate2.CreateFromPem(RootPem)],
        };
        _server = new ApiServerComponent(options, Loggers);
        await _server.StartAsync(ct);
        var admin = _authority.IssueClient("test", ["system:masters"], TimeSpan.FromDays(1));
        Client = new KubeClient(new KubeConfig
        {
            Server = new Uri($"https://127.0.0.1:{_server.Addresses[0].Port}"),
            CertificateAuthorityPem = RootPem,
            ClientCertificatePem = admin.CertificatePem,
            ClientKeyPem = admin.KeyPem,
        });
    }
}
