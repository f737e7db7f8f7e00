using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Http;
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

    /// <summary>What a client may take, when it shall be little.</summary>
    internal RequestLimits? Limits { get; init; }

    /// <summary>How long history is kept, when it shall be short.</summary>
    internal TimeSpan? HistoryKept { get; init; }

    public string AuditFile => Path.Combine(_folder, "logs", "audit.log");

    public TestCertificates Certificates { get; } = new();

    public ApiServerComponent Server => _server!;

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
        _server = new ApiServerComponent(Options(), NullLoggerFactory.Instance);
        await _server.StartAsync(CancellationToken.None);
    }

    private ApiServerOptions Options()
    {
        var options = ServerSetup.Options(_folder, Certificates, WriteAuditPolicy(), Limits);
        return options with { HistoryKept = HistoryKept ?? options.HistoryKept };
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

    private ApiClient NewClient(X509Certificate2? certificate) => ServerSetup.Client(Address, Certificates.Authority, certificate);
}
